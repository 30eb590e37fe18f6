package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/lockedfile"
)

// The tests of this package judge certgen as its users do: they run the released binary, and programs that
// others wrote read what it made. A program that this machine lacks skips the tests that need it, by name;
// with CERTGEN_TEST_ALL=1, which .ci/run sets after installing everything, it fails them.

// missing ends a test for want of something that this machine lacks.
func missing(t testing.TB, format string, args ...any) {
	t.Helper()
	if os.Getenv("CERTGEN_TEST_ALL") == "1" {
		t.Fatalf(format, args...)
	}
	t.Skipf(format, args...)
}

// need returns where a program is. Debian keeps some outside the PATH of ordinary users.
func need(t testing.TB, program string) string {
	t.Helper()
	for _, name := range []string{program, "/usr/sbin/" + program, "/usr/lib/wine/" + program} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	missing(t, "needs %s, which is not installed (.ci/run installs it)", program)
	return ""
}

// certgen returns the path of the released binary, built once a test run.
func certgen(t testing.TB) string {
	t.Helper()
	path, err := builtOnce()
	if err != nil {
		t.Fatal(err)
	}
	return path
}

// builtOnce puts the binary beside the test's own, in the folder that `go test` makes and removes.
var builtOnce = sync.OnceValues(func() (string, error) {
	self, err := os.Executable()
	if err != nil {
		return "", err
	}
	path := filepath.Join(filepath.Dir(self), "certgen-released.exe") // Windows needs the ending
	return path, build(path, runtime.GOOS, runtime.GOARCH)
})

// build compiles certgen for a platform, with the flags of a release.
func build(path, goos, goarch string) error {
	cmd := exec.Command("go", "build", "-trimpath", "-ldflags", "-s -w", "-o", path, ".")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0", "GOOS="+goos, "GOARCH="+goarch)
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("%s for %s/%s: %w\n%s", cmd, goos, goarch, err, out)
	}
	return nil
}

// create runs `certgen create` and returns its standard output.
func create(t testing.TB, args ...string) string {
	t.Helper()
	return output(t, "", certgen(t), append([]string{"create"}, args...)...)
}

// createPEM makes a pair with the given spec flags and returns the folder that holds its PEM files.
func createPEM(t testing.TB, args ...string) string {
	t.Helper()
	dir := t.TempDir()
	create(t, append(args, "-o", "pem", "--out", dir)...)
	return dir
}

// output runs a program that must succeed and returns its standard output.
func output(t testing.TB, stdin, program string, args ...string) string {
	t.Helper()
	r := execute(t, stdin, program, args...)
	if r.code != 0 {
		t.Fatalf("%s %s: exit %d\n%s%s", program, strings.Join(args, " "), r.code, r.stdout, r.stderr)
	}
	return r.stdout
}

// result is what a program left when it ended; code is -1 where a signal ended it.
type result struct {
	stdout, stderr string
	code           int
}

// execute runs a program to its end. One that hangs is a failure, not a test that never ends.
func execute(t testing.TB, stdin, program string, args ...string) result {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	var stdout, stderr bytes.Buffer
	cmd := exec.CommandContext(ctx, program, args...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = strings.NewReader(stdin), &stdout, &stderr
	err := cmd.Run()
	if exit := new(exec.ExitError); err != nil && !errors.As(err, &exit) || ctx.Err() != nil {
		t.Fatalf("%s: %v", cmd, errors.Join(err, ctx.Err()))
	}
	return result{stdout.String(), stderr.String(), cmd.ProcessState.ExitCode()}
}

// kubectl returns a kubectl built from its published module: what a machine calls kubectl may be a
// dispatcher, or another version.
func kubectl(t testing.TB) string {
	t.Helper()
	const dir = "../../testdata/servers"
	version := pinned(t, dir, "k8s.io/kubernetes")
	part := strings.Split(strings.TrimPrefix(version, "v"), ".")
	ldflags := "-s -w"
	for _, pkg := range []string{"k8s.io/component-base/version", "k8s.io/client-go/pkg/version"} {
		for name, value := range map[string]string{
			"gitVersion":   version,
			"gitMajor":     part[0],
			"gitMinor":     part[1],
			"gitTreeState": "archive",
			"gitCommit":    "none",
			"buildDate":    "2026-10-27T12:01:04Z", // when v1.37.2 was published: a changing date defeats the build cache
		} {
			ldflags += fmt.Sprintf(" -X %s.%s=%s", pkg, name, value)
		}
	}
	return tool(t, dir, "k8s.io/kubernetes/cmd/kubectl", version, ldflags)
}

// zlint returns the zlint that testdata/zlint pins.
func zlint(t testing.TB) string {
	t.Helper()
	const dir = "../../testdata/zlint"
	return tool(t, dir, "github.com/zmap/zlint/v3/cmd/zlint", pinned(t, dir, "github.com/zmap/zlint/v3"), "-s -w")
}

// pinned returns the version that the nested Go module in dir requires of a module.
func pinned(t testing.TB, dir, module string) string {
	t.Helper()
	var mod struct {
		Require []struct{ Path, Version string }
	}
	if err := json.Unmarshal([]byte(output(t, "", "go", "mod", "edit", "-json", filepath.Join(dir, "go.mod"))), &mod); err != nil {
		t.Fatal(err)
	}
	for _, r := range mod.Require {
		if r.Path == module {
			return r.Version
		}
	}
	t.Fatalf("%s/go.mod does not require %s", dir, module)
	return ""
}

// tool returns a program of the nested Go module in dir. It is built where no earlier run left it in the
// user's cache folder; a first kubectl takes two minutes, so a short run goes without.
func tool(t testing.TB, dir, pkg, version, ldflags string) string {
	t.Helper()
	cache, err := os.UserCacheDir()
	if err != nil {
		missing(t, "needs %s, and there is no folder to keep it in: %v", pkg, err)
	}
	cache = filepath.Join(cache, "certgen")
	if err := os.MkdirAll(cache, 0o755); err != nil {
		t.Fatal(err)
	}
	unlock, err := lockedfile.MutexAt(filepath.Join(cache, "lock")).Lock()
	if err != nil {
		t.Fatal(err)
	}
	defer unlock()
	path := filepath.Join(cache, filepath.Base(pkg)+"-"+version)
	if _, err := os.Stat(path); err == nil {
		return path
	}
	if testing.Short() {
		missing(t, "needs %s, which a run with -short does not build", pkg)
	}
	// The final name appears only when the build is whole.
	cmd := exec.Command("go", "build", "-C", dir, "-ldflags", ldflags, "-o", path+".part", pkg)
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0", "GOFLAGS=-mod=readonly -buildvcs=false")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%s: %v\n%s", cmd, err, out)
	}
	if err := os.Rename(path+".part", path); err != nil {
		t.Fatal(err)
	}
	return path
}
