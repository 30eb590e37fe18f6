package provision

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"certgen/certs/pki"
	"certgen/render/file"
)

// TestWindowsHints: what keeps a file from being replaced comes with what to do about it.
func TestWindowsHints(t *testing.T) {
	// Wine 8 lacks the call by which Go removes the folders of t.TempDir.
	dir, err := os.MkdirTemp("", "certgen-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = os.Remove(filepath.Join(dir, "tls.crt"))
		if err := os.Remove(dir); err != nil {
			t.Errorf("something is left behind: %v", err)
		}
	})
	path := filepath.Join(dir, "tls.crt")
	hint := func() string {
		t.Helper()
		return pki.HintOf(writeFiles(file.File{Path: path, Data: []byte("new")}))
	}
	held, err := os.Create(path) // Go lets others read and write it, but not replace it
	if err != nil {
		t.Fatal(err)
	}
	if got := hint(); got != "close the file there, and run the command again" {
		t.Errorf("open elsewhere: %q", got)
	}
	if err := errors.Join(held.Close(), os.Chmod(path, 0o400)); err != nil { // which sets the attribute
		t.Fatal(err)
	}
	if got := hint(); got != "if it may be changed, attrib -R takes that off" {
		t.Errorf("read-only: %q", got)
	}
	if err := os.Chmod(path, 0o600); err != nil {
		t.Fatal(err)
	}
}
