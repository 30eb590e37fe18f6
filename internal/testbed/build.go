package testbed

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/lockedfile"
)

// builder builds programs for the tests of one process. One user's test runs build one program at a time: two
// builds would each take twice as long and half of it would be done twice.
type builder struct {
	need time.Duration // what the tests of the process take once they have their programs

	mu    sync.Mutex // held while it builds
	limit time.Time  // when it gives up; zero before the first build
	over  error      // why it builds nothing more
}

// programs is the builder of this process.
var programs = &builder{need: 2 * time.Minute}

// patience is how long a test waits for what another process builds. There are other tests to run meanwhile, which
// wait for this process to end; and those of the process that builds will have what it is about.
const patience = 15 * time.Second

// findAll returns where programs are, by their names.
func (b *builder) findAll(t testing.TB, all ...Program) (map[string]string, error) {
	paths := map[string]string{}
	for _, p := range all {
		path, err := b.find(t, p)
		if err != nil {
			return nil, err
		}
		paths[p.Name] = path
	}
	return paths, nil
}

// find returns where a program is, which it builds where no earlier run did.
func (b *builder) find(t testing.TB, p Program) (string, error) {
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", err
	}
	cache = filepath.Join(cache, "certgen")
	path, ldflags, err := p.cached(cache)
	if err != nil {
		return "", err
	}
	if exists(path) {
		return path, nil
	}
	if testing.Short() {
		return "", errors.New("a run with -short does not build it")
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if exists(path) {
		return path, nil
	}
	if b.over != nil {
		return "", b.over
	}
	if b.limit.IsZero() {
		now := time.Now()
		b.limit = buildLimit(now, Deadline(t, now), b.need)
	}
	err = b.build(p, cache, path, ldflags)
	if errors.Is(err, context.DeadlineExceeded) {
		b.over = err
		OnlyThisRun()
	}
	return path, err
}

// build builds one program before the limit. What was not built then is never tried again by this process.
func (b *builder) build(p Program, cache, path, ldflags string) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	wait := time.Now().Add(patience)
	if wait.After(b.limit) || os.Getenv("CERTGEN_TEST_ALL") == "1" { // says that nothing may be missing
		wait = b.limit
	}
	unlock, err := lock(wait, filepath.Join(cache, "lock"))
	if err != nil {
		return err
	}
	defer unlock()
	if exists(path) {
		return nil
	}
	if b.limit, err = shareLimit(filepath.Join(cache, "limit"), b.limit); err != nil {
		return err
	}
	ctx, cancel := context.WithDeadline(context.Background(), b.limit)
	defer cancel()
	dir, err := testdata(p.Dir)
	if err != nil {
		return err
	}
	// The final name appears only when the build is whole.
	if err := goBuild(ctx, dir, path+".part", p.Package, ldflags, p.OS); err != nil {
		return err
	}
	return os.Rename(path+".part", path)
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return !errors.Is(err, fs.ErrNotExist)
}

// lock takes the lock that a file stands for, or gives up at a time.
func lock(until time.Time, path string) (unlock func(), err error) {
	ctx, cancel := context.WithDeadline(context.Background(), until)
	type outcome struct {
		unlock func()
		err    error
	}
	taken := make(chan outcome)
	go func() {
		defer cancel()
		unlock, err := lockedfile.MutexAt(path).Lock()
		select {
		case taken <- outcome{unlock, err}:
		case <-ctx.Done():
			if err == nil {
				unlock()
			}
		}
	}()
	select {
	case o := <-taken:
		return o.unlock, o.err
	case <-ctx.Done():
		return nil, fmt.Errorf("another run has not finished building: %w", ctx.Err())
	}
}

// goBuild builds one program. When ctx ends, the go command is interrupted; what it has compiled stays in
// its build cache.
func goBuild(ctx context.Context, dir, out, pkg, ldflags, system string) error {
	// Interrupted, it leaves its temporary folder to the compilers that still run.
	tmp, err := os.MkdirTemp("", "certgen-build-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(tmp)
	cmd := exec.CommandContext(ctx, goCommand(), "build", "-C", dir, "-ldflags", ldflags, "-o", out, pkg)
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0", "GOWORK=off", "GOFLAGS=-mod=readonly -buildvcs=false", "GOTMPDIR="+tmp)
	if system != "" {
		cmd.Env = append(cmd.Env, "GOOS="+system, "GOARCH=amd64")
	}
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	cmd.WaitDelay = 30 * time.Second // for systems that cannot interrupt
	printed, err := cmd.CombinedOutput()
	if ctx.Err() != nil {
		return fmt.Errorf("building %s takes longer than this run has; the next one goes on from the build cache: %w", pkg, ctx.Err())
	}
	if err != nil {
		return fmt.Errorf("building %s: %w\n%s", pkg, err, bytes.TrimSpace(printed))
	}
	return nil
}

// goCommand is the go command that builds programs. CERTGEN_TEST_GO names another: with one that takes its time, any
// machine shows what a run does on a slow one.
func goCommand() string { return cmp.Or(os.Getenv("CERTGEN_TEST_GO"), "go") }
