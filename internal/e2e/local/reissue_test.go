//go:build linux

package local

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"certgen/internal/e2e"
	"certgen/internal/testbed"
)

// TestReissueRefused: where the new files could not have the access of the old ones, or cannot take their place, both stay, and
// the user is told what to do.
func TestReissueRefused(t *testing.T) {
	t.Parallel()
	if os.Getuid() != 0 {
		testbed.Missing(t, "needs root, to be another user")
	}
	setpriv, unshare := e2e.Need(t, "setpriv"), e2e.Need(t, "unshare")
	dir := t.TempDir()
	binary := filepath.Join(dir, "certgen")
	e2e.Output(t, "", "cp", e2e.Certgen(t), binary) // written by this process it could be busy: a program that starts meanwhile inherits it
	// The parent is the test's alone too: TempDir makes one for each test.
	for _, path := range []string{filepath.Dir(dir), dir, binary} {
		if err := os.Chmod(path, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	for name, test := range map[string]struct {
		gid    int // the key's group; its owner is the one who re-issues
		run    []string
		stderr string
	}{
		"group": {0, []string{setpriv, "--reuid=23001", "--regid=23001", "--clear-groups"},
			"error: write KEY: cannot keep its group root: operation not permitted\n" +
				"hint: who reads the file may lose it: run the command as root (on Windows as administrator), or move the file away first\n"},
		"mount": {23001, []string{unshare, "--mount", "sh", "-c", `mount --bind "$0" "$0" && exec "$@"`, "KEY"},
			"error: write KEY: is mounted by itself, and cannot be replaced\n" +
				"hint: mount its folder instead of the file\n"},
	} {
		t.Run(name, func(t *testing.T) {
			folder := filepath.Join(dir, name)
			if err := os.Mkdir(folder, 0o755); err != nil {
				t.Fatal(err)
			}
			cert, key := filepath.Join(folder, "web.crt"), filepath.Join(folder, "web.key")
			command := []string{"create", "web", "--dns", "web.example", "--cert-out", cert, "--key-out", key}
			e2e.Output(t, "", binary, command...)
			err := errors.Join(os.Chown(folder, 23001, 23001), os.Chown(cert, 23001, 23001), os.Chown(key, 23001, test.gid), os.Chmod(key, 0o640))
			if err != nil {
				t.Fatal(err)
			}
			before := string(e2e.Read(t, cert)) + string(e2e.Read(t, key))
			run := append(append(test.run, binary), append(command, "--reissue")...)
			for i := range test.run {
				run[i] = strings.ReplaceAll(run[i], "KEY", key)
			}
			r := e2e.Execute(t, "", run[0], run[1:]...)
			if want := strings.ReplaceAll(test.stderr, "KEY", key); r.Code != 1 || !strings.HasSuffix(r.Stderr, want) {
				t.Errorf("exit %d, %s, want %s", r.Code, r.Stderr, want)
			}
			if string(e2e.Read(t, cert))+string(e2e.Read(t, key)) != before || len(entries(t, folder)) != 2 {
				t.Errorf("something changed: %q", entries(t, folder))
			}
		})
	}
}
