package main

import (
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"certgen/internal/e2e"
)

// TestFIPSBuild builds certgen with Go's FIPS 140-3 module switched on, as those do who may run nothing else.
func TestFIPSBuild(t *testing.T) {
	if testing.Short() {
		t.Skip("compiles Go's cryptography anew")
	}
	t.Parallel()
	path := filepath.Join(t.TempDir(), "certgen.exe")
	e2e.Build(t, path, runtime.GOOS, runtime.GOARCH, "GOFIPS140=latest")
	if version := e2e.Output(t, "", path, "version"); !strings.Contains(version, "FIPS 140-3 on, module latest") {
		t.Errorf("version says %q", version)
	}
	out := filepath.Join(t.TempDir(), "web.yaml")
	e2e.Output(t, "", path, "create", "web", "--dns", "web.example", "--out", out)
	e2e.Output(t, "", path, "verify", out)
}
