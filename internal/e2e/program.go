package e2e

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

// Need returns where a program is. Debian keeps some outside the PATH of ordinary users.
func Need(t testing.TB, program string) string {
	t.Helper()
	for _, name := range []string{program, "/usr/sbin/" + program, "/usr/lib/wine/" + program} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	testbed.Missing(t, "needs %s, which is not installed (.ci/run installs it)", program)
	return ""
}

// Certgen returns the path of the released binary, built once a test run beside the test's own, in the folder that
// `go test` makes and removes.
func Certgen(t testing.TB) string {
	t.Helper()
	released.Do(func() {
		self, err := os.Executable()
		if err != nil {
			released.err = err
			return
		}
		released.path = filepath.Join(filepath.Dir(self), "certgen-released.exe") // Windows needs the ending
		released.err = compile(t, released.path, runtime.GOOS, runtime.GOARCH)
	})
	built(t, released.err)
	return released.path
}

var released struct {
	sync.Once
	path string
	err  error
}

// Build compiles certgen for a platform, with the flags of a release, into path.
func Build(t testing.TB, path, goos, goarch string, env ...string) {
	t.Helper()
	built(t, compile(t, path, goos, goarch, env...))
}

// built ends a test that has no certgen: a machine on which that takes longer than the run has leaves the test out.
func built(t testing.TB, err error) {
	t.Helper()
	if errors.Is(err, context.DeadlineExceeded) {
		testbed.Missing(t, "needs certgen: %v; the next run goes on from the build cache", err)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// compile gives up two minutes before the run of `go test` ends, in which other tests of the package end.
func compile(t testing.TB, path, goos, goarch string, env ...string) error {
	ctx, cancel := context.WithDeadline(context.Background(), testbed.Deadline(t, time.Now()).Add(-2*time.Minute))
	defer cancel()
	cmd := exec.CommandContext(ctx, "go", "build", "-trimpath", "-ldflags", "-s -w", "-o", path, "certgen/cmd/certgen")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0", "GOOS="+goos, "GOARCH="+goarch)
	cmd.Env = append(cmd.Env, env...)
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) } // so that it ends its compilers, too
	cmd.WaitDelay = 10 * time.Second
	out, err := cmd.CombinedOutput()
	if ctx.Err() != nil {
		testbed.OnlyThisRun()
		return fmt.Errorf("building it for %s/%s takes longer than this run has: %w", goos, goarch, ctx.Err())
	}
	if err != nil {
		return fmt.Errorf("%s for %s/%s: %w\n%s", cmd, goos, goarch, err, out)
	}
	return nil
}

// Create runs `certgen create` and returns its standard output.
func Create(t testing.TB, args ...string) string {
	t.Helper()
	return Output(t, "", Certgen(t), append([]string{"create"}, args...)...)
}

// CreatePEM makes a pair with the given spec flags and returns the folder that holds its PEM files.
func CreatePEM(t testing.TB, args ...string) string {
	t.Helper()
	dir := t.TempDir()
	Create(t, append(args, "-o", "pem", "--out", dir)...)
	return dir
}

// Output runs a program that must succeed and returns its standard output.
func Output(t testing.TB, stdin, program string, args ...string) string {
	t.Helper()
	r := Execute(t, stdin, program, args...)
	if r.Code != 0 {
		t.Fatalf("%s %s: exit %d\n%s%s", program, strings.Join(args, " "), r.Code, r.Stdout, r.Stderr)
	}
	return r.Stdout
}

// Result is what a program left when it ended; code is -1 where a signal ended it.
type Result struct {
	Stdout, Stderr string
	Code           int
}

// Execute runs a program to its end. One that hangs is a failure, not a test that never ends.
func Execute(t testing.TB, stdin, program string, args ...string) Result {
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
	return Result{stdout.String(), stderr.String(), cmd.ProcessState.ExitCode()}
}
