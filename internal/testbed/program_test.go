package testbed

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/lockedfile"
)

// emptyCache gives a test a user's cache folder of its own, with Go's build cache as it is.
func emptyCache(t *testing.T) string {
	t.Helper()
	cache, err := os.UserCacheDir()
	if err != nil {
		t.Fatal(err)
	}
	if os.Getenv("GOCACHE") == "" {
		t.Setenv("GOCACHE", filepath.Join(cache, "go-build"))
	}
	dir := t.TempDir()
	t.Setenv("XDG_CACHE_HOME", dir)
	if got, err := os.UserCacheDir(); got != dir || err != nil {
		t.Skipf("needs a system whose cache folder a variable sets, not %s", got)
	}
	return filepath.Join(dir, "certgen")
}

func TestBuildThatFails(t *testing.T) {
	cache := emptyCache(t)
	program := Program{Name: "x", Dir: "servers", Module: "k8s.io/kubernetes", Package: "k8s.io/kubernetes/cmd/none"}
	_, err := program.build(t.Context())
	if err == nil {
		t.Fatal("built")
	}
	want := "cmd/none"
	if testing.Short() {
		want = "-short"
	}
	if !strings.Contains(err.Error(), want) {
		t.Errorf("error %v, want %q in it", err, want)
	}
	if left, _ := filepath.Glob(filepath.Join(cache, "x*", "*")); left != nil {
		t.Errorf("left %q", left)
	}
}

func TestBuildThatTakesTooLong(t *testing.T) {
	if testing.Short() {
		Missing(t, "builds, which a run with -short does not")
	}
	cache := emptyCache(t)
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	began := time.Now()
	if _, err := kubernetes("kube-apiserver").build(ctx); !errors.Is(err, context.DeadlineExceeded) || !strings.Contains(err.Error(), "next one goes on") {
		t.Errorf("error %v", err)
	}
	if took := time.Since(began); took > 25*time.Second {
		t.Errorf("gave up after %v", took)
	}
	if left, _ := filepath.Glob(filepath.Join(cache, "kube*", "*")); left != nil {
		t.Errorf("left %q", left)
	}
}

func TestBuildOfAnotherRun(t *testing.T) {
	if testing.Short() {
		Missing(t, "builds, which a run with -short does not")
	}
	cache := emptyCache(t)
	if err := os.Mkdir(cache, 0o755); err != nil {
		t.Fatal(err)
	}
	unlock, err := lockedfile.MutexAt(filepath.Join(cache, "lock")).Lock()
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	if _, err := etcd().build(ctx); !errors.Is(err, context.DeadlineExceeded) || !strings.Contains(err.Error(), "another run") {
		t.Errorf("error %v", err)
	}
	unlock()
	// Who gave up has not kept the lock.
	free, err := lock(t.Context(), filepath.Join(cache, "lock"))
	if err != nil {
		t.Fatal(err)
	}
	free()
}

func TestPrograms(t *testing.T) {
	t.Parallel()
	for _, p := range []Program{etcd(), kubernetes("kube-apiserver"), kubernetes("kubectl"), kubectlForWindows()} {
		path := p.Path(t)
		began := time.Now()
		if again := p.Path(t); again != path {
			t.Errorf("%s is at %s and at %s", p.Name, path, again)
		}
		t.Logf("found %s in %v", path, time.Since(began))
	}
}

func TestBuildKey(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for _, name := range []string{"go.mod", "go.sum"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte("a"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	keys := map[string]bool{}
	add := func(flags ...string) {
		key, err := buildKey(dir, flags...)
		if err != nil {
			t.Fatal(err)
		}
		keys[key] = true
	}
	add("x", "-s")
	add("x", "-s -w")
	add("x -s")
	if err := os.WriteFile(filepath.Join(dir, "go.sum"), []byte("b"), 0o600); err != nil {
		t.Fatal(err)
	}
	add("x", "-s")
	if err := os.WriteFile(filepath.Join(dir, "main.go"), []byte("package main"), 0o600); err != nil {
		t.Fatal(err)
	}
	add("x", "-s")
	if len(keys) != 5 {
		t.Errorf("%d keys, want 5", len(keys))
	}
}
