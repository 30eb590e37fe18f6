package units

import (
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"certgen/internal/e2e"
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

// forWindows are those of its files that are for Windows alone, by their names.
func (p pkg) forWindows() []string {
	all := slices.Concat(p.GoFiles, p.TestGoFiles, p.XTestGoFiles)
	return slices.DeleteFunc(all, func(name string) bool {
		return !strings.HasSuffix(strings.TrimSuffix(strings.TrimSuffix(name, ".go"), "_test"), "_windows")
	})
}

// whole are packages whose tests all run under Wine: it lacks the call by which Go removes the folders of t.TempDir,
// and these make theirs otherwise.
var whole = []string{"certgen/render/file"}

// pattern matches the tests of a package that run under Wine: those in files for Windows alone, or all.
func (p pkg) pattern(t *testing.T) string {
	t.Helper()
	if slices.Contains(whole, p.ImportPath) {
		return "."
	}
	var names []string
	for _, file := range p.forWindows() {
		for _, found := range testFunction.FindAllSubmatch(e2e.Read(t, filepath.Join(p.Dir, file)), -1) {
			names = append(names, string(found[1]))
		}
	}
	if names == nil {
		t.Errorf("%s has code for Windows, and no test in a file for Windows", p.ImportPath)
	}
	return "^(" + strings.Join(names, "|") + ")$"
}

var testFunction = regexp.MustCompile(`(?m)^func (Test\w+)\(`)

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
		if len(p.forWindows()) > 0 {
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
			if r := w.Run(t, p.Dir, 5*time.Minute, exe, "-test.short", "-test.v", "-test.run="+p.pattern(t)); r.Code != 0 {
				t.Errorf("exit %d\n%s%s", r.Code, r.Stdout, r.Stderr)
			} else {
				t.Log(r.Stdout)
			}
		})
	}
}
