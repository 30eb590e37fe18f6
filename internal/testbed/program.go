package testbed

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/lockedfile"
)

// Program is a foreign program that a nested module under testdata pins.
type Program struct {
	Name    string // what it is called
	Dir     string // the folder of the nested module, under testdata
	Module  string // the module that it comes from
	Package string // its main package
	Stamped bool   // it learns its version as Kubernetes' own release builds do, and so reports it
	OS      string // the system that it is for, on amd64; empty for this machine's
}

// kubernetes returns one of the programs of Kubernetes.
func kubernetes(name string) Program {
	return Program{Name: name, Dir: "servers", Module: "k8s.io/kubernetes", Package: "k8s.io/kubernetes/cmd/" + name, Stamped: true}
}

// etcd returns the database of the API server.
func etcd() Program {
	return Program{Name: "etcd", Dir: "servers", Module: "go.etcd.io/etcd/server/v3", Package: "go.etcd.io/etcd/server/v3"}
}

// containerd returns one of the programs of containerd, which runs the containers of a [Node].
func containerd(name string) Program {
	const module = "github.com/containerd/containerd/v2"
	return Program{Name: name, Dir: "containerd", Module: module, Package: module + "/cmd/" + name}
}

// coreDNS returns the name server of a [Node].
func coreDNS() Program {
	return Program{Name: "coredns", Dir: "coredns", Module: "github.com/coredns/coredns", Package: "."}
}

// KubectlPath returns where a kubectl of the API server's version is: what a machine calls kubectl may be a
// dispatcher, or another version.
func KubectlPath(t testing.TB) string {
	t.Helper()
	return kubernetes("kubectl").Path(t)
}

// KubectlForWindows returns where a kubectl.exe of the API server's version is.
func KubectlForWindows(t testing.TB) string {
	t.Helper()
	return kubectlForWindows().Path(t)
}

func kubectlForWindows() Program {
	p := kubernetes("kubectl")
	p.OS = "windows"
	return p
}

// Path returns where the program is, which is built first if no earlier run did.
func (p Program) Path(t testing.TB) string {
	t.Helper()
	ctx, cancel := context.WithDeadline(t.Context(), buildLimit(t, margin))
	defer cancel()
	path, err := p.build(ctx)
	if err != nil {
		Missing(t, "needs %s: %v", p.Name, err)
	}
	return path
}

// margin is what a test that needs a program may take when it has it.
const margin = 2 * time.Minute

// buildLimit returns when to give up building: a margin before `go test` ends everything, which by default it
// does 10 minutes after the start.
func buildLimit(t testing.TB, margin time.Duration) time.Time {
	if t, ok := t.(interface{ Deadline() (time.Time, bool) }); ok { // a benchmark has none
		if limit, ok := t.Deadline(); ok {
			return limit.Add(-margin)
		}
	}
	return time.Now().Add(10*time.Minute - margin)
}

// buildAll returns where the programs are, by their names.
func buildAll(ctx context.Context, programs ...Program) (map[string]string, error) {
	paths := map[string]string{}
	for _, p := range programs {
		path, err := p.build(ctx)
		if err != nil {
			return nil, err
		}
		paths[p.Name] = path
	}
	return paths, nil
}

// build returns where the program is. One user's test runs build one program at a time: two builds would
// each take twice as long and half of it would be done twice.
func (p Program) build(ctx context.Context) (string, error) {
	dir, err := testdata(p.Dir)
	if err != nil {
		return "", err
	}
	version, err := p.version(dir)
	if err != nil {
		return "", err
	}
	ldflags := p.ldflags(version)
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", err
	}
	cache = filepath.Join(cache, "certgen")
	key, err := buildKey(dir, p.Package, ldflags+p.OS)
	if err != nil {
		return "", err
	}
	// A folder of its own keeps the program's name, which it may print or send; Windows needs an ending.
	path := filepath.Join(cache, fmt.Sprintf("%s-%s-%s", p.Name, version, key), p.Name)
	if cmp.Or(p.OS, runtime.GOOS) == "windows" {
		path += ".exe"
	}
	if _, err := os.Stat(path); err == nil {
		return path, nil
	}
	if testing.Short() {
		return "", errors.New("a run with -short does not build it")
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return "", err
	}
	unlock, err := lock(ctx, filepath.Join(cache, "lock"))
	if err != nil {
		return "", err
	}
	defer unlock()
	if _, err := os.Stat(path); !errors.Is(err, fs.ErrNotExist) {
		return path, err
	}
	// The final name appears only when the build is whole.
	if err := goBuild(ctx, dir, path+".part", p.Package, ldflags, p.OS); err != nil {
		return "", err
	}
	return path, os.Rename(path+".part", path)
}

// testdata returns a folder of the test data.
func testdata(name string) (string, error) {
	gomod, err := exec.Command("go", "env", "GOMOD").Output()
	if err != nil {
		return "", fmt.Errorf("go env GOMOD: %w", err)
	}
	return filepath.Join(filepath.Dir(strings.TrimSpace(string(gomod))), "testdata", name), nil
}

// version returns the version that the module in dir requires of the program's.
func (p Program) version(dir string) (string, error) {
	out, err := exec.Command("go", "mod", "edit", "-json", filepath.Join(dir, "go.mod")).Output()
	if err != nil {
		return "", fmt.Errorf("go mod edit: %w", err)
	}
	var mod struct {
		Require []struct{ Path, Version string }
	}
	if err := json.Unmarshal(out, &mod); err != nil {
		return "", err
	}
	for _, r := range mod.Require {
		if r.Path == p.Module {
			return r.Version, nil
		}
	}
	return "", fmt.Errorf("%s/go.mod does not require %s", dir, p.Module)
}

// ldflags returns the flags of the linker.
func (p Program) ldflags(version string) string {
	flags := "-s -w"
	if !p.Stamped {
		return flags
	}
	part := strings.Split(strings.TrimPrefix(version, "v"), ".")
	for _, pkg := range []string{"k8s.io/component-base/version", "k8s.io/client-go/pkg/version"} {
		for _, variable := range []string{
			"gitVersion=" + version,
			"gitMajor=" + part[0],
			"gitMinor=" + part[1],
			"gitTreeState=archive",
			"gitCommit=none",
			"buildDate=2026-10-27T12:01:04Z", // when v1.37.2 was published: a changing date defeats the build cache
		} {
			flags += " -X " + pkg + "." + variable
		}
	}
	return flags
}

// buildKey tells builds of one version apart that differ in a dependency, in what the module itself has, or in
// a flag.
func buildKey(dir string, flags ...string) (string, error) {
	sum := sha256.New()
	files, err := os.ReadDir(dir)
	if err != nil {
		return "", err
	}
	for _, f := range files {
		data, err := os.ReadFile(filepath.Join(dir, f.Name()))
		if err != nil {
			return "", err
		}
		sum.Write(data)
	}
	fmt.Fprintf(sum, "%q", flags)
	return fmt.Sprintf("%.4x", sum.Sum(nil)), nil
}

// lock takes the lock that a file stands for, or gives up when ctx ends.
func lock(ctx context.Context, path string) (unlock func(), err error) {
	type outcome struct {
		unlock func()
		err    error
	}
	taken := make(chan outcome)
	go func() {
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
	cmd := exec.CommandContext(ctx, "go", "build", "-C", dir, "-ldflags", ldflags, "-o", out, pkg)
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
