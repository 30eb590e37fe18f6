package main

import (
	"bytes"
	"context"
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

	"certgen/internal/testbed"
)

// The tests of this package judge certgen as its users do: they run the released binary, and programs that
// others wrote read what it made. A program that this machine lacks skips the tests that need it, by name;
// with CERTGEN_TEST_ALL=1, which .ci/run sets after installing everything, it fails them.

// need returns where a program is. Debian keeps some outside the PATH of ordinary users.
func need(t testing.TB, program string) string {
	t.Helper()
	for _, name := range []string{program, "/usr/sbin/" + program, "/usr/lib/wine/" + program} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	testbed.Missing(t, "needs %s, which is not installed (.ci/run installs it)", program)
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
func build(path, goos, goarch string, env ...string) error {
	cmd := exec.Command("go", "build", "-trimpath", "-ldflags", "-s -w", "-o", path, ".")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0", "GOOS="+goos, "GOARCH="+goarch)
	cmd.Env = append(cmd.Env, env...)
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

// zlint returns the zlint that testdata/zlint pins.
func zlint(t testing.TB) string {
	t.Helper()
	const module = "github.com/zmap/zlint/v3"
	return testbed.Program{Name: "zlint", Dir: "zlint", Module: module, Package: module + "/cmd/zlint"}.Path(t)
}
