package provision

import (
	"bytes"
	"context"
	"errors"
	"io/fs"

	"certgen/certs/pki"
	"certgen/render/file"
)

// Certificate is a file that holds a certificate with its intermediates, in PEM, and no key.
type Certificate struct {
	Path string
}

// Load reads the file. One that holds anything else, a key with the certificate as well, is an error.
func (s *Certificate) Load(_ context.Context, orders []Order, each func(i int, read func() (Held, error)) error) error {
	return one(orders, each, func() (Held, error) {
		data, err := file.ReadFile(s.Path)
		switch {
		case errors.Is(err, fs.ErrNotExist):
			return Held{}, nil
		case err != nil:
			return Held{}, err
		}
		if err := (pemFile{path: s.Path}).foreign(data); err != nil {
			return Held{}, pki.WithHint(err, "choose another place, or move the file away")
		}
		return Held{PEM: pki.PEM{Cert: data}, place: s.Path}, nil
	})
}

// Save writes the file, unless it holds the certificate already.
func (s *Certificate) Save(_ context.Context, held Held, r *Result) error {
	if bytes.Equal(held.PEM.Cert, r.PEM.Cert) {
		r.Said = s.Path + " unchanged"
		return nil
	}
	if err := writeFiles(file.File{Path: s.Path, Data: r.PEM.Cert}); err != nil {
		return err
	}
	r.Said = s.Path + " written"
	return nil
}

// EncodeChain encodes a result as the certificates that a server sends.
func EncodeChain(r *Result) ([]byte, error) { return r.PEM.Cert, nil }
