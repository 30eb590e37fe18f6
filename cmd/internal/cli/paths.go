package cli

import (
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"certgen/certs/encoding"
	"certgen/render/file"
)

// NamedPath is a file that a flag names.
type NamedPath struct{ Flag, Path string }

// Distinct refuses a command line that would write over a file which it reads, or two results into one
// file.
func Distinct(outputs, inputs []NamedPath) error {
	for i, out := range outputs {
		for _, other := range append(outputs[:i:i], inputs...) {
			if out.Path != "" && other.Path != "" && sameFile(out.Path, other.Path) {
				return Usagef("%s and %s name the same file %s", other.Flag, out.Flag, file.QuotePath(other.Path))
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

// ReadBounded reads a file that holds certificates or keys.
func ReadBounded(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, encoding.MaxInput+1))
	if err == nil && len(data) > encoding.MaxInput {
		err = &fs.PathError{Op: "read", Path: path, Err: fmt.Errorf("is over the limit of %d bytes", encoding.MaxInput)}
	}
	return data, err
}
