//go:build unix

package file

import (
	"errors"
	"os"

	"golang.org/x/sys/unix"
)

func create(path string, private bool) (*os.File, error) {
	mode := os.FileMode(0o644)
	if private {
		mode = 0o600
	}
	return os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, mode)
}

func syncFolder(path string) error {
	folder, err := os.Open(path)
	if err != nil {
		return err
	}
	defer folder.Close()
	// Some network file systems do not know how to sync a folder; they have no journal to write either.
	if err := folder.Sync(); err != nil && !errors.Is(err, unix.EINVAL) && !errors.Is(err, unix.ENOTSUP) {
		return err
	}
	return nil
}

// checkName has nothing to refuse: a name is a name.
func checkName(string) error { return nil }

// checkReplaceable has nothing to refuse: who has the old file open keeps it, and its mode does not count.
func checkReplaceable(string) error { return nil }

func rename(from, to string) error { return os.Rename(from, to) }

func open(path string) (*os.File, error) { return os.Open(path) }

// explain leaves the system's words as they are: they are plain enough here.
func explain(err error) error { return err }
