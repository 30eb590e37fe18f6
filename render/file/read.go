package file

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	"certgen/certs/pki"
)

// MaxInput is the most that an input may have, in bytes. A Secret and a ConfigMap of the full size that a cluster takes (1 MiB of
// data each, https://kubernetes.io/docs/concepts/configuration/secret/#restriction-data-size) and the rest of a bundle fit in.
// It also bounds memory: yaml.v3 takes up to 150 bytes for one of YAML, hence 600 MB for the worst input of this size.
const MaxInput = 4 << 20

// ReadFile reads an input: a regular file of at most [MaxInput] bytes. A missing one is [fs.ErrNotExist].
// A byte order mark is taken off, and UTF-16, which PowerShell 5 writes with its ">", comes back as UTF-8.
func ReadFile(path string) ([]byte, error) {
	// Looked at before it is opened: opening a FIFO waits for a writer.
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, err
	case err != nil:
		return nil, fmt.Errorf("read %s: %w", path, cmp.Or(checkName(path), reason(err)))
	case !info.Mode().IsRegular():
		return nil, fmt.Errorf("read %s: is not a regular file but %s", path, describe(info.Mode()))
	}
	f, err := open(path)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", path, reason(err))
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, MaxInput+1))
	if err != nil {
		return nil, err
	}
	if len(data) > MaxInput {
		return nil, fmt.Errorf("read %s: is over the limit of %d bytes", path, MaxInput)
	}
	if data, err = pki.UTF8(data); err != nil {
		return nil, fmt.Errorf("read %s: %w", path, err)
	}
	return data, nil
}

// Marked reports whether a file begins with a byte order mark, which certgen never writes and many programs do not understand.
// Windows PowerShell's ">" begins its UTF-16 with one.
func Marked(path string) bool {
	f, err := open(path)
	if err != nil {
		return false
	}
	defer f.Close()
	start := make([]byte, 3)
	n, _ := io.ReadFull(f, start)
	text, err := pki.UTF8(start[:n])
	return err != nil || len(text) < n
}

// ReadableByAll reports whether everybody on this machine may read a file, as far as its own access says.
func ReadableByAll(path string) bool {
	found, err := accessOf(path)
	return err == nil && found != nil && found.readableByAll()
}
