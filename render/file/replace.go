package file

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	mathrand "math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
)

// maxTries is how often a run writes files that others replace at the same time. Each wait is longer than the one before;
// a hundred runs at once need fewer.
const maxTries = 20

// File is one file to write. Where there is none yet, a Private one can be read by its owner alone (mode 0600; on Windows an access
// list with one entry), and another one has mode 0644 less the umask; its group is the one that the folder gives (setgid).
// One that is there keeps its owner, group and mode, its POSIX access list and SELinux label, on Windows its owner and access list:
// another one that is not the run's to give is an [AccessError]. Only a Private one that everybody could read is from then on its
// owner's alone. All that holds from a file's first byte.
type File struct {
	Path    string
	Data    []byte
	Private bool
	New     bool // must not be there yet: where it is, also since a moment ago, nothing is written, and the error is an [fs.ErrExist]
}

// WriteFiles writes each file beside its place, with all its data on the disk, and only then gives them their names, in the given
// order. Until the first is named nothing has changed, and after an error or a kill nothing half-written has the name of a file.
// On Windows nobody may have one of the files open in a way that forbids it; that is waited for, two seconds at most.
// A name that is a link keeps being one: the file behind it is replaced. What is not a regular file is refused.
//
// The staged copies that a killed run left of the same files hold private keys: they are removed.
//
// Several files belong together: where another run writes the same ones at the same moment, all are in the end the last run's,
// whichever that is. Of several, one that holds its data already is left alone, but for a Private one that all can read.
func WriteFiles(files ...File) error {
	if len(files) == 1 {
		return replace(files)
	}
	// Every name given to a file is followed by a look at all of them, by the same run: so the last look of all runs finds them
	// as that run wants them, and nothing comes after it.
	for try := range maxTries {
		others := slices.DeleteFunc(slices.Clone(files), File.stands)
		if len(others) == 0 {
			return nil
		}
		if try > 0 {
			time.Sleep(mathrand.N(time.Duration(try) * 20 * time.Millisecond))
		}
		if err := replace(others); err != nil {
			return err
		}
	}
	return fmt.Errorf("write %s: other programs keep replacing it", files[0].Path)
}

// stands reports whether the file holds its data already, and shows it to no more than may read it.
func (f File) stands() bool {
	info, err := os.Stat(f.Path)
	if err != nil || !info.Mode().IsRegular() || info.Size() != int64(len(f.Data)) || f.Private && ReadableByAll(f.Path) {
		return false
	}
	data, err := os.ReadFile(f.Path)
	return err == nil && bytes.Equal(data, f.Data)
}

// replace stages the files and gives them their names.
func replace(files []File) error {
	var staged []stagedFile
	defer func() {
		for _, s := range staged {
			s.end()
		}
	}()
	for _, f := range files {
		s, err := stage(f)
		if err != nil {
			return fmt.Errorf("write %s: %w", f.Path, err)
		}
		staged = append(staged, s)
	}
	for i, s := range staged {
		if err := checkReplaceable(s.target); err != nil {
			return fmt.Errorf("write %s: %w", files[i].Path, reason(err))
		}
	}
	for i, s := range staged {
		if err := name(s, files[i]); err != nil {
			return fmt.Errorf("write %s: %w%s", files[i].Path, reason(err), replaced(files[:i]))
		}
	}
	return syncFolders(staged)
}

// name gives a staged copy its name. A second link, unlike a rename, never takes the place of a file; where the file
// system has none, a look beforehand has to do.
func name(s stagedFile, f File) error {
	if f.New {
		err := os.Link(s.copy, s.target)
		if err == nil || errors.Is(err, fs.ErrExist) {
			return err
		}
		if _, err := os.Lstat(s.target); err == nil {
			return fs.ErrExist
		}
	}
	return rename(s.copy, s.target)
}

// replaced says which of several files are new already when a later one fails.
func replaced(files []File) string {
	if len(files) == 0 {
		return ""
	}
	paths := make([]string, len(files))
	for i, f := range files {
		paths[i] = f.Path
	}
	return " (already replaced: " + strings.Join(paths, ", ") + ")"
}

// targetOf finds the file to replace: path, or what the link at path leads to.
func targetOf(path string) (string, error) {
	if err := checkName(path); err != nil {
		return "", err
	}
	target, err := filepath.EvalSymlinks(path)
	if errors.Is(err, fs.ErrNotExist) {
		return newTarget(path)
	}
	if err != nil {
		return "", reason(err)
	}
	info, err := os.Stat(target)
	if err != nil {
		return "", reason(err)
	}
	if !info.Mode().IsRegular() {
		return "", fmt.Errorf("is not a regular file but %s", describe(info.Mode()))
	}
	return target, nil
}

// newTarget says why a file that is not there cannot be made, as far as that is known beforehand.
func newTarget(path string) (string, error) {
	switch info, err := os.Lstat(path); {
	case err == nil && info.Mode().IsRegular(): // another run has just made it
		return path, nil
	case err == nil:
		return "", errors.New("is a link to a file that does not exist")
	}
	folder := filepath.Dir(path)
	info, err := os.Stat(folder)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return "", fmt.Errorf("folder %s %w", QuotePath(folder), ErrNoFolder)
	case err != nil:
		return "", reason(err)
	case !info.IsDir():
		return "", fmt.Errorf("%s is not a folder", QuotePath(folder))
	}
	return path, nil
}

// QuotePath is %q for a path: the backslashes with which Windows parts folders stay as they are.
func QuotePath(path string) string { return strings.ReplaceAll(strconv.Quote(path), `\\`, `\`) }

// describe names a file that is not a regular one.
func describe(mode fs.FileMode) string {
	switch {
	case mode.IsDir():
		return "a folder"
	case mode&fs.ModeNamedPipe != 0:
		return "a named pipe"
	case mode&fs.ModeSocket != 0:
		return "a socket"
	case mode&fs.ModeDevice != 0:
		return "a device"
	}
	return "something else"
}

// syncFolders makes the new names outlive a power cut.
func syncFolders(staged []stagedFile) error {
	var done []string
	for _, s := range staged {
		folder := filepath.Dir(s.target)
		if slices.Contains(done, folder) {
			continue
		}
		if err := syncFolder(folder); err != nil {
			return fmt.Errorf("sync folder %s: %w", folder, reason(err))
		}
		done = append(done, folder)
	}
	return nil
}

// reason is err without the operation and the staged copy's name, which say nothing to a user.
func reason(err error) error {
	var path *fs.PathError
	var link *os.LinkError
	switch {
	case errors.As(err, &path):
		err = path.Err
	case errors.As(err, &link):
		err = link.Err
	}
	return explain(err)
}
