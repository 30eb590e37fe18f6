package provision

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"

	"certgen/certs/pki"
	"certgen/render/file"
)

// PEMFiles are a certificate with its intermediates, its key, and the root, in PEM.
type PEMFiles struct {
	Cert, Key, CA string // paths; no CA, no root is kept
}

// Load reads the files. What certgen may not replace is an error: a key without its certificate, an encrypted key, and
// what is no PEM.
func (s *PEMFiles) Load(_ context.Context, orders []Order, each func(i int, read func() (Held, error)) error) error {
	return one(orders, each, func() (Held, error) {
		present, err := s.read()
		return Held{PEM: present, place: s.Cert}, err
	})
}

func (s *PEMFiles) read() (present pki.PEM, err error) {
	// The other way round than they are written: a key that is there has its certificate beside it by then.
	for _, f := range slices.Backward(s.files(&present)) {
		data, err := file.ReadFile(f.path)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return pki.PEM{}, err
		}
		if err := f.foreign(data); err != nil {
			return pki.PEM{}, pki.WithHint(err, "choose another place, or move the file away")
		}
		*f.data = data
	}
	if present.Cert == nil && present.Key != nil {
		return pki.PEM{}, pki.WithHint(fmt.Errorf("the key %s exists, but not its certificate %s", s.Key, s.Cert),
			"the key may be in use: move it away, or delete it")
	}
	if present.Cert != nil && present.Key == nil && !file.Staged(s.Key) {
		if _, err := os.Stat(s.Key); err == nil { // another run has just made both
			return s.read()
		}
		return pki.PEM{}, pki.WithHint(fmt.Errorf("the certificate %s exists, but not its key %s", s.Cert, s.Key),
			"it may belong to another key: name that one, choose another file for the certificate, or move it away")
	}
	if present.Cert == nil && present.CA != nil {
		return pki.PEM{}, pki.WithHint(fmt.Errorf("%s exists, but not the certificate %s that it would belong to", s.CA, s.Cert),
			"it may be the root of something else: move it away, or choose another folder")
	}
	return present, nil
}

// Save writes the files, unless all hold their part of the pair already.
func (s *PEMFiles) Save(_ context.Context, held Held, r *Result) error {
	before := s.files(&held.PEM)
	var files []file.File
	var paths []string
	same := true
	for i, f := range s.files(&r.PEM) {
		if len(*f.data) == 0 {
			continue // a root that is not known
		}
		paths = append(paths, f.path)
		files = append(files, file.File{Path: f.path, Data: *f.data, Private: f.private})
		same = same && bytes.Equal(*f.data, *before[i].data) && !file.Marked(f.path)
	}
	if r.Said = strings.Join(paths, " "); same {
		r.Said += " unchanged" + exposed(s.Key)
	} else {
		tightened := file.ReadableByAll(s.Key)
		if err := writeFiles(files...); err != nil {
			return err
		}
		r.Said = written(r.Said, tightened)
	}
	// An earlier certificate's root would have clients refuse this one.
	if len(r.PEM.CA) == 0 && held.PEM.CA != nil {
		if err := os.Remove(s.CA); err != nil {
			return err
		}
		r.Said += "; " + s.CA + " removed"
	}
	return nil
}

// pemFile is one file of PEMFiles and the bytes that belong into it.
type pemFile struct {
	path    string
	data    *[]byte
	private bool
}

// foreign says why a file is not one that PEMFiles wrote, so that a new pair must not replace it: it is
// no PEM at all, or holds a key where a certificate belongs, or a key that nobody can read without its
// password. A damaged certificate or key is not foreign.
func (f pemFile) foreign(data []byte) error {
	switch {
	case len(bytes.TrimSpace(data)) == 0:
		return nil
	case !bytes.Contains(data, []byte(pki.PEMBegin)):
		return fmt.Errorf("%s exists and is not PEM", f.path)
	case !f.private && bytes.Contains(data, []byte("PRIVATE KEY-----")):
		return fmt.Errorf("%s exists and holds a private key beside the certificate", f.path)
	case f.private && bytes.Contains(data, []byte("ENCRYPTED")):
		return fmt.Errorf("%s exists and holds an encrypted private key", f.path)
	}
	return nil
}

// files pairs the paths with the parts of a pair. The certificate comes first: a run that is killed between
// two files leaves a certificate without its key, never a key or a root that looks as if it were another's.
func (s *PEMFiles) files(pair *pki.PEM) []pemFile {
	files := []pemFile{{s.Cert, &pair.Cert, false}}
	if s.CA != "" {
		files = append(files, pemFile{s.CA, &pair.CA, false})
	}
	return append(files, pemFile{s.Key, &pair.Key, true})
}
