package testbed

import (
	"os"
	"path/filepath"
	"testing"
	"time"
)

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
