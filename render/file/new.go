package file

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
)

// WriteNew writes a file that is not there yet, whole or not at all. Where another run was faster the error is
// [fs.ErrExist], and that run's file stays.
func WriteNew(f File) error {
	s, err := stage(f)
	if err != nil {
		return fmt.Errorf("write %s: %w", f.Path, err)
	}
	defer os.Remove(s.copy)
	switch err := os.Link(s.copy, s.target); {
	case err == nil:
		return syncFolders([]stagedFile{s})
	case errors.Is(err, fs.ErrExist):
		return fmt.Errorf("write %s: %w", f.Path, fs.ErrExist)
	}
	return replace([]File{f}) // a file system without hard links
}
