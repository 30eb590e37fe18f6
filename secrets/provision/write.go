package provision

import (
	"errors"
	"fmt"

	"certgen/certs/pki"
	"certgen/render/file"
)

// writeFiles is [file.WriteFiles] with a hint what to do where a file cannot be replaced.
func writeFiles(files ...file.File) error {
	err := file.WriteFiles(files...)
	switch {
	case errors.Is(err, file.ErrInUse):
		return pki.WithHint(err, "close the file there, and run the command again")
	case errors.Is(err, file.ErrReadOnly):
		return pki.WithHint(err, "if it may be changed, attrib -R takes that off")
	case errors.Is(err, file.ErrImmutable):
		return pki.WithHint(err, "lsattr shows the attribute; if the file may be changed, chattr -i -a takes it off")
	case errors.Is(err, file.ErrNoFolder):
		return pki.WithHint(err, "make the folder first, with mkdir, or name one that exists")
	case errors.Is(err, file.ErrMounted):
		return pki.WithHint(err, "mount its folder instead of the file")
	case errors.Is(err, file.ErrPlanted):
		return pki.WithHint(err, "that user could read what is written there: choose another folder, or delete the file")
	case errors.As(err, new(*file.AccessError)):
		return pki.WithHint(err, "who reads the file may lose it: run the command as root (on Windows as administrator), or move the file away first")
	}
	return err
}

// exposed adds to the line about a file with a key that everybody can read it, where that is so. A mode that
// lets a group read, as servers need at times, is its owner's choice.
func exposed(path string) string {
	if file.ReadableByAll(path) {
		return "; but everybody on this machine can read the key in it"
	}
	return ""
}

// written is the line about a file with a key that was written; tightened says that everybody could read the old one.
func written(what string, tightened bool) string {
	if tightened {
		return what + " written; only its owner can read the key now"
	}
	return what + " written"
}

// inFlag names the flag in the error of a file that it named.
func inFlag(flag string, err error) error {
	if err == nil || flag == "" {
		return err
	}
	return fmt.Errorf("%s: %w", flag, err)
}
