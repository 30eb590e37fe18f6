package cmd

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"certgen/certs"
	"certgen/render"
)

// namedPath is a file that a flag names.
type namedPath struct{ flag, path string }

// distinct refuses a command line that would write over a file which it reads, or two results into one
// file.
func distinct(outputs, inputs []namedPath) error {
	for i, out := range outputs {
		for _, other := range append(outputs[:i:i], inputs...) {
			if out.path != "" && other.path != "" && sameFile(out.path, other.path) {
				return usagef("%s and %s name the same file %s", other.flag, out.flag, render.QuotePath(other.path))
			}
		}
	}
	return nil
}

// sameFile reports whether two paths lead to one file, or will once it exists.
func sameFile(a, b string) bool {
	one, err := os.Stat(a)
	if err == nil {
		other, err := os.Stat(b)
		return err == nil && os.SameFile(one, other)
	}
	a, errA := filepath.Abs(a)
	b, errB := filepath.Abs(b)
	return errA == nil && errB == nil && (a == b || runtime.GOOS == "windows" && strings.EqualFold(a, b))
}

// writeFiles is render.WriteFiles with a hint what to do where Windows does not let a file be replaced.
func writeFiles(files ...render.File) error {
	err := render.WriteFiles(files...)
	switch {
	case errors.Is(err, render.ErrInUse):
		return withHint(err, "close the file there, and run the command again")
	case errors.Is(err, render.ErrReadOnly):
		return withHint(err, "if it may be changed, attrib -R takes that off")
	}
	return err
}

func readBounded(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, certs.MaxInput+1))
	if err == nil && len(data) > certs.MaxInput {
		err = &fs.PathError{Op: "read", Path: path, Err: fmt.Errorf("is over the limit of %d bytes", certs.MaxInput)}
	}
	return data, err
}
