//go:build darwin || dragonfly || freebsd || illumos || linux || netbsd || openbsd

package file

import (
	"errors"
	"os"

	"golang.org/x/sys/unix"
)

// claim locks a staged copy for as long as it is open: the system lets go of the lock when the run ends, however it ends. It
// reports whether the copy still has its name, which another run may have taken off before. Where the file system
// knows no locks, nobody removes it so.
func claim(f *os.File) bool {
	if unix.Flock(int(f.Fd()), unix.LOCK_EX) != nil {
		return true
	}
	mine, err := f.Stat()
	if err != nil {
		return true
	}
	named, err := os.Lstat(f.Name())
	return err == nil && os.SameFile(mine, named)
}

// hold keeps a copy open, and so claimed.
func hold(f *os.File) (*os.File, error) { return f, nil }

// removeAbandoned removes a staged copy that no run has claimed. The error is [errors.ErrUnsupported] where it cannot be told.
func removeAbandoned(path string) error {
	f, err := os.OpenFile(path, os.O_RDONLY|unix.O_NOFOLLOW|unix.O_NONBLOCK, 0)
	if err != nil {
		return errors.Join(err, errors.ErrUnsupported)
	}
	defer f.Close()
	switch err := unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB); {
	case errors.Is(err, unix.EWOULDBLOCK):
		return err
	case err != nil:
		return errors.Join(err, errors.ErrUnsupported)
	}
	return os.Remove(path)
}
