package cmd

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"

	"certgen/certs/pki"
	"certgen/cmd/internal/cli"
	"certgen/render/file"
)

// pemStore is a set of PEM files.
type pemStore struct {
	cert, key, ca string // paths; no ca, no root is kept
	present       pki.PEM
}

func (s *pemStore) Load() (pki.PEM, error) {
	s.present = pki.PEM{}
	// The other way round than they are written: a key that is there has its certificate beside it by then.
	for _, f := range slices.Backward(s.files(&s.present)) {
		data, err := file.ReadFile(f.path)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return pki.PEM{}, err
		}
		if err := f.foreign(data); err != nil {
			return pki.PEM{}, cli.WithHint(err, "choose another place, or move the file away")
		}
		*f.data = data
	}
	if s.present.Cert == nil && s.present.Key != nil {
		return pki.PEM{}, cli.WithHint(fmt.Errorf("the key %s exists, but not its certificate %s", s.key, s.cert),
			"the key may be in use: move it away, or delete it")
	}
	if isCA(s.present.Cert) {
		return pki.PEM{}, cli.WithHint(fmt.Errorf("%s exists and holds the certificate of a CA", s.cert),
			"its key signs others and must not be lost: choose another place; --ca-cert and --ca-key sign with it")
	}
	if s.present.Cert != nil && s.present.Key == nil && !file.Staged(s.key) {
		if _, err := os.Stat(s.key); err == nil { // another run has just made both
			return s.Load()
		}
		return pki.PEM{}, cli.WithHint(fmt.Errorf("the certificate %s exists, but not its key %s", s.cert, s.key),
			"it may belong to another key: name that one, choose another file for the certificate, or move it away")
	}
	if s.present.Cert == nil && s.present.CA != nil {
		return pki.PEM{}, cli.WithHint(fmt.Errorf("%s exists, but not the certificate %s that it would belong to", s.ca, s.cert),
			"it may be the root of something else: move it away, or choose another folder")
	}
	return s.present, nil
}

func (s *pemStore) Save(pair pki.PEM) (string, error) {
	present := s.files(&s.present)
	var files []file.File
	var paths string
	said := "unchanged"
	for i, f := range s.files(&pair) {
		if len(*f.data) == 0 {
			continue // a root that is not known
		}
		paths += f.path + " "
		files = append(files, file.File{Path: f.path, Data: *f.data, Private: f.private})
		if !bytes.Equal(*f.data, *present[i].data) || file.Marked(f.path) {
			said = "written"
		}
	}
	if said == "unchanged" {
		said += exposed(s.key)
	} else if err := cli.WriteFiles(files...); err != nil {
		return "", err
	}
	// An earlier certificate's root would have clients refuse this one.
	if len(pair.CA) == 0 && s.present.CA != nil {
		if err := os.Remove(s.ca); err != nil {
			return "", err
		}
		said += "; " + s.ca + " removed"
	}
	return paths + said, nil
}

// pemFile is one file of a pemStore and the bytes that belong into it.
type pemFile struct {
	path    string
	data    *[]byte
	private bool
}

// foreign says why a file is not one that a pemStore wrote, so that a new pair must not replace it: it is
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

// isCA reports whether the first certificate is a CA's: marked as one, and for no host. What "openssl req
// -x509" makes for a server is so marked, too.
func isCA(data []byte) bool {
	chain, err := pki.ParseCertificates(data)
	return err == nil && chain[0].IsCA && len((&pki.KeyPair{Leaf: chain[0]}).Names()) == 0
}

// files pairs the paths with the parts of a pair. The certificate comes first: a run that is killed between
// two files leaves a certificate without its key, never a key or a root that looks as if it were another's.
func (s *pemStore) files(pair *pki.PEM) []pemFile {
	files := []pemFile{{s.cert, &pair.Cert, false}}
	if s.ca != "" {
		files = append(files, pemFile{s.ca, &pair.CA, false})
	}
	return append(files, pemFile{s.key, &pair.Key, true})
}
