package units

import (
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"certgen/internal/e2e/windows"
)

// goForWindows runs the go command for Windows and returns what it prints.
func goForWindows(t *testing.T, args ...string) string {
	t.Helper()
	cmd := exec.Command("go", args...)
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0", "GOOS=windows", "GOARCH=amd64")
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%s: %v\n%s", cmd, err, &stderr)
	}
	return string(out)
}

// pkg is what the go command says of a package.
type pkg struct {
	ImportPath, Dir                    string
	GoFiles, TestGoFiles, XTestGoFiles []string
}

// forWindows says whether files are for Windows alone, by their names.
func forWindows(files []string) bool {
	return slices.ContainsFunc(files, func(name string) bool {
		return strings.HasSuffix(strings.TrimSuffix(strings.TrimSuffix(name, ".go"), "_test"), "_windows")
	})
}

// withCodeForWindows are the packages of this module that have code for Windows.
func withCodeForWindows(t *testing.T) (all []pkg) {
	t.Helper()
	for list := json.NewDecoder(strings.NewReader(goForWindows(t, "list", "-json=ImportPath,Dir,GoFiles,TestGoFiles,XTestGoFiles", "certgen/..."))); ; {
		var p pkg
		if err := list.Decode(&p); errors.Is(err, io.EOF) {
			return all
		} else if err != nil {
			t.Fatal(err)
		}
		if forWindows(slices.Concat(p.GoFiles, p.TestGoFiles, p.XTestGoFiles)) {
			all = append(all, p)
		}
	}
}

func TestUnits(t *testing.T) {
	t.Parallel()
	w := windows.New(t)
	packages := withCodeForWindows(t)
	if len(packages) == 0 {
		t.Fatal("no package has code for Windows")
	}
	for _, p := range packages {
		t.Run(strings.TrimPrefix(p.ImportPath, "certgen/"), func(t *testing.T) {
			exe := filepath.Join(t.TempDir(), "tests.exe")
			goForWindows(t, "test", "-c", "-o", exe, p.ImportPath)
			if r := w.Run(t, p.Dir, 5*time.Minute, exe, "-test.short", "-test.v"); r.Code != 0 {
				t.Errorf("exit %d\n%s%s", r.Code, r.Stdout, r.Stderr)
			} else {
				t.Log(r.Stdout)
			}
		})
	}
}
