package provision

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"time"

	"certgen/certs/encoding"
	"certgen/certs/pki"
	"certgen/render/file"
)

// Keystore is a PKCS#12 file or a Java keystore.
type Keystore struct {
	Flag     string // that named the path, for errors
	Path     string
	Format   encoding.KeystoreFormat
	Password []byte
}

// Load reads the file. One that holds more than a pair with its chain is an error.
func (s *Keystore) Load(_ context.Context, orders []Order, each func(i int, read func() (Held, error)) error) error {
	return one(orders, each, func() (Held, error) {
		held, err := s.read()
		return held, inFlag(s.Flag, err)
	})
}

func (s *Keystore) read() (Held, error) {
	data, err := file.ReadFile(s.Path)
	if errors.Is(err, fs.ErrNotExist) {
		return Held{}, nil
	}
	if err != nil {
		return Held{}, err
	}
	material, err := encoding.Read(data, func(string) ([]byte, error) { return s.Password, nil })
	if err != nil {
		return Held{}, pki.WithHint(fmt.Errorf("%s cannot be read as the keystore that is to be kept in it: %w", s.Path, err), "choose another file, or delete this one")
	}
	pair, _, err := material.Pair(nil)
	if err != nil {
		return Held{}, pki.WithHint(fmt.Errorf("%s: %w", s.Path, err), "choose another file, or delete this one")
	}
	held := 1 + len(pair.Intermediates)
	if pair.Root != nil && !pair.Root.Equal(pair.Leaf) {
		held++
	}
	if len(material.Certificates) > held {
		return Held{}, pki.WithHint(fmt.Errorf("%s holds other certificates, too, which would be lost", s.Path), "choose another file")
	}
	text, err := pair.PEM()
	return Held{PEM: text, place: s.Path, state: encoding.KeystoreFormatOf(data)}, err
}

// Save writes the file anew, unless it holds the pair in the format wanted already.
func (s *Keystore) Save(_ context.Context, held Held, r *Result) error {
	same := bytes.Equal(held.PEM.Key, r.PEM.Key) && bytes.Equal(held.PEM.Cert, r.PEM.Cert) && bytes.Equal(held.PEM.CA, r.PEM.CA)
	if same && held.state == s.Format {
		r.Said = s.Path + " unchanged" + exposed(s.Path)
		return nil
	}
	data, err := s.Encode(r)
	if err != nil {
		return err
	}
	tightened := file.ReadableByAll(s.Path)
	if err := writeFiles(file.File{Path: s.Path, Data: data, Private: true}); err != nil {
		return inFlag(s.Flag, err)
	}
	r.Said = written(s.Path, tightened)
	return nil
}

// Encode encodes a result as the keystore's bytes.
func (s *Keystore) Encode(r *Result) ([]byte, error) {
	pair, err := pki.ParsePair(r.PEM)
	if err != nil {
		return nil, err
	}
	return encoding.EncodeKeystore(pair, s.Format, string(s.Password), time.Now())
}
