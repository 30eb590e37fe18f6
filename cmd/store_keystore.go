package cmd

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"time"

	"certgen/certs/encoding"
	"certgen/certs/pki"
	"certgen/cmd/internal/cli"
	"certgen/render/file"
)

// The formats of keystores.
const (
	formatPKCS12 = "pkcs12"
	formatJKS    = "jks"
)

// keystoreStore is a PKCS#12 file or a Java keystore.
type keystoreStore struct {
	path     string
	format   encoding.KeystoreFormat
	password []byte

	present *pki.KeyPair
	sameAs  encoding.KeystoreFormat // the format that Load found
}

// keystoreFormat is the format that the flags ask for.
func keystoreFormat(format string, legacy bool) encoding.KeystoreFormat {
	switch {
	case format == formatJKS:
		return encoding.JKS
	case legacy:
		return encoding.LegacyPKCS12
	}
	return encoding.PKCS12
}

func (s *keystoreStore) Load() (pki.PEM, error) {
	data, err := file.ReadFile(s.path)
	if errors.Is(err, fs.ErrNotExist) {
		return pki.PEM{}, nil
	}
	if err != nil {
		return pki.PEM{}, fmt.Errorf("--out: %w", err)
	}
	material, err := encoding.Read(data, func(string) ([]byte, error) { return s.password, nil })
	if err != nil {
		return pki.PEM{}, cli.WithHint(fmt.Errorf("--out %s cannot be read as the keystore that is to be kept in it: %w", s.path, err), "choose another file, or delete this one")
	}
	if s.present, _, err = material.Pair(nil); err != nil {
		return pki.PEM{}, cli.WithHint(fmt.Errorf("--out %s: %w", s.path, err), "choose another file, or delete this one")
	}
	held := 1 + len(s.present.Intermediates)
	if s.present.Root != nil && !s.present.Root.Equal(s.present.Leaf) {
		held++
	}
	if len(material.Certificates) > held {
		return pki.PEM{}, cli.WithHint(fmt.Errorf("--out %s holds other certificates, too, which would be lost", s.path), "choose another file")
	}
	s.sameAs = encoding.KeystoreFormatOf(data)
	return s.present.PEM()
}

func (s *keystoreStore) Save(pair pki.PEM) (string, error) {
	if s.present != nil && s.sameAs == s.format {
		present, err := s.present.PEM()
		if err != nil {
			return "", err
		}
		if bytes.Equal(present.Key, pair.Key) && bytes.Equal(present.Cert, pair.Cert) && bytes.Equal(present.CA, pair.CA) {
			return s.path + " unchanged" + exposed(s.path), nil
		}
	}
	data, err := s.render(pair)
	if err != nil {
		return "", err
	}
	if err := cli.WriteFiles(file.File{Path: s.path, Data: data, Private: true}); err != nil {
		return "", fmt.Errorf("--out: %w", err)
	}
	return s.path + " written", nil
}

// render turns the pair into the keystore's bytes.
func (s *keystoreStore) render(text pki.PEM) ([]byte, error) {
	pair, err := pki.ParsePair(text)
	if err != nil {
		return nil, err
	}
	return encoding.EncodeKeystore(pair, s.format, string(s.password), time.Now())
}
