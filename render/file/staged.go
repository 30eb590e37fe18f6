package file

import (
	"crypto/rand"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"
)

const (
	// stagedMark stands between a file's name and the random end of its staged copy, ".NAME.certgen-RANDOM".
	stagedMark = ".certgen-"
	// stagedRandom is the length of that end, in base32 characters: 80 bits.
	stagedRandom = 16
	// staleAfter is the age at which a staged copy belongs to a run that was killed, where the system cannot tell:
	// staging takes milliseconds.
	staleAfter = time.Minute
)

// stagedFile is a complete copy that waits for its name. What holds it is open for as long as its run is at work.
type stagedFile struct {
	copy, target string
	held         *os.File
}

// end lets go of the copy, and takes it off where it did not get its name.
func (s stagedFile) end() {
	if s.held != nil {
		s.held.Close()
	}
	os.Remove(s.copy)
}

func stage(f File) (stagedFile, error) {
	target, err := targetOf(f.Path)
	if err != nil {
		return stagedFile{}, err
	}
	keep, err := accessOf(target)
	if err != nil {
		return stagedFile{}, reason(err)
	}
	if keep != nil {
		if err := checkPlanted(target, keep); err != nil {
			return stagedFile{}, reason(err)
		}
		if f.Private && keep.readableByAll() {
			keep.tighten()
		}
	}
	removeStale(target)
	s := stagedFile{target: target}
	out, err := s.create(f.Private, keep)
	if err != nil {
		return stagedFile{}, reason(err)
	}
	if s.held, err = fill(out, f.Data, keep); err != nil {
		s.end()
		return stagedFile{}, reason(err)
	}
	return s, nil
}

// create makes the copy, empty, as that of a run at work.
func (s *stagedFile) create(private bool, keep *access) (*os.File, error) {
	folder, name := filepath.Split(s.target)
	for {
		s.copy = filepath.Join(folder, "."+name+stagedMark+rand.Text()[:stagedRandom])
		out, err := create(s.copy, private, keep)
		if err != nil || claim(out) {
			return out, err
		}
		out.Close() // another run has taken it for a killed one's, and removed it
	}
}

// fill writes the data, with the access that the file is to keep. It returns what holds the copy, if anything has to.
func fill(out *os.File, data []byte, keep *access) (*os.File, error) {
	var err error
	if keep != nil {
		err = keep.give(out)
	}
	if err == nil {
		_, err = out.Write(data)
	}
	if err == nil {
		err = out.Sync()
	}
	if err != nil {
		out.Close()
		return nil, err
	}
	return hold(out)
}

// Staged reports whether a copy waits beside path for its name: a run is writing the file, or was killed over it.
func Staged(path string) bool { return len(stagedCopies(path)) > 0 }

// stagedCopies are the copies that wait for the name target.
func stagedCopies(target string) (copies []fs.DirEntry) {
	folder, name := filepath.Split(target)
	entries, _ := os.ReadDir(filepath.Clean(folder))
	for _, e := range entries {
		if end, ok := strings.CutPrefix(e.Name(), "."+name+stagedMark); ok && len(end) == stagedRandom {
			copies = append(copies, e)
		}
	}
	return copies
}

// removeStale is a courtesy to the killed: where it cannot remove, writing can still go on.
func removeStale(target string) {
	folder := filepath.Dir(target)
	for _, e := range stagedCopies(target) {
		info, err := e.Info()
		if err != nil || !info.Mode().IsRegular() {
			continue
		}
		path := filepath.Join(folder, e.Name())
		if err := removeAbandoned(path); errors.Is(err, errors.ErrUnsupported) && time.Since(info.ModTime()) > staleAfter {
			os.Remove(path)
		}
	}
}
