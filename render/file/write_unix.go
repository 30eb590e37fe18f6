//go:build unix

package file

import (
	"errors"
	"fmt"
	"os"

	"golang.org/x/sys/unix"
)

// create makes a file that shows nobody more than it will in the end.
func create(path string, private bool, keep *access) (*os.File, error) {
	mode := os.FileMode(0o644)
	switch {
	case keep != nil:
		mode = keep.mode & ownerOnly
	case private:
		mode = ownerOnly
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

// rename gives a file its name. Where the kernel does not tell beforehand that a file is a mount, it does now.
func rename(from, to string) error {
	err := os.Rename(from, to)
	if errors.Is(err, unix.EBUSY) {
		return fmt.Errorf("%w: %w", ErrMounted, unix.EBUSY)
	}
	return err
}

func open(path string) (*os.File, error) { return os.Open(path) }

// explain leaves the system's words as they are: they are plain enough here.
func explain(err error) error { return err }
