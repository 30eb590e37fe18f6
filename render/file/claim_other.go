//go:build !(darwin || dragonfly || freebsd || illumos || linux || netbsd || openbsd)

package file

import (
	"errors"
	"os"
)

// claim has nothing to do: a copy's age tells whether its run is at work.
func claim(*os.File) bool { return true }

// hold closes a copy: Windows renames no file that is open.
func hold(f *os.File) (*os.File, error) { return nil, f.Close() }

func removeAbandoned(string) error { return errors.ErrUnsupported }
