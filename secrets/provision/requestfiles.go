package provision

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"

	"certgen/certs/encoding"
	"certgen/certs/pki"
	"certgen/render/file"
)

// RequestFiles are where the key of a certificate signing request is kept, and the request itself.
type RequestFiles struct {
	Key      string            // the key's file
	Out      string            // the request's file; "" leaves it to the [Result]'s Output
	Reissue  bool              // a key that is there is replaced
	Password encoding.Password // of an encrypted key
}

// Load reads the key and the request. A request for another key is an error, as its certificate may be on the way.
func (s *RequestFiles) Load(_ context.Context, orders []Order, each func(i int, read func() (Held, error)) error) error {
	return one(orders, each, func() (Held, error) {
		if err := replaceable(s.Out, "CERTIFICATE REQUEST-----"); err != nil {
			return Held{}, fmt.Errorf("--out: %w", err)
		}
		data, err := file.ReadFile(s.Key)
		switch {
		case errors.Is(err, fs.ErrNotExist):
			_, err := s.request(nil)
			return Held{}, err
		case err == nil && s.Reissue:
			err = replaceable(s.Key, "PRIVATE KEY-----")
		}
		if err != nil {
			return Held{}, fmt.Errorf("--key-out: %w", err)
		}
		if s.Reissue {
			return Held{}, nil
		}
		key, err := s.parse(data)
		if err != nil {
			return Held{}, err
		}
		request, err := s.request(key)
		return Held{PEM: pki.PEM{Cert: request, Key: key}}, err
	})
}

// request reads the request that is kept with a key in PEM, nil where there is no key: it must be for that key.
func (s *RequestFiles) request(key []byte) ([]byte, error) {
	if s.Out == "" {
		return nil, nil
	}
	text, err := file.ReadFile(s.Out)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("--out: %w", err)
	}
	present := parseRequest(text)
	if present == nil {
		return text, nil // a damaged one is no loss
	}
	if signer, err := pki.ParseKey(key); err != nil || pki.PublicKeyPin(signer.Public()) != pki.PublicKeyPin(present.PublicKey) {
		return nil, pki.WithHint(fmt.Errorf("--out: %s exists and holds a request for another key than the one in %s", s.Out, s.Key),
			"choose another file, or move this one away")
	}
	return text, nil
}

// parse returns the one key that a file holds as plain PEM.
func (s *RequestFiles) parse(data []byte) ([]byte, error) {
	material, err := encoding.Read(data, s.Password)
	if err != nil {
		return nil, fmt.Errorf("--key-out %s: %w", s.Key, err)
	}
	if len(material.Keys) != 1 {
		return nil, pki.WithHint(fmt.Errorf("--key-out %s holds %d keys, not one", s.Key, len(material.Keys)), "choose another file, or --reissue to replace it")
	}
	return pki.EncodeKey(material.Keys[0])
}

// Save writes the key, where it is a new one, and the request. Of two runs at once one makes the key, and the other's
// request is for that, too.
func (s *RequestFiles) Save(_ context.Context, held Held, r *Result) error {
	if s.Out != "" && r.Action == Kept && bytes.Equal(held.PEM.Cert, r.PEM.Cert) {
		r.Said = s.Out + " unchanged"
		return nil
	}
	var files []file.File
	if r.Action != Kept {
		files = append(files, file.File{Path: s.Key, Data: r.PEM.Key, Private: true, New: !s.Reissue})
	}
	if s.Out != "" {
		files = append(files, file.File{Path: s.Out, Data: r.PEM.Cert})
	} else {
		r.Output = r.PEM.Cert
	}
	err := writeFiles(files...)
	if errors.Is(err, fs.ErrExist) {
		return changed{err}
	}
	if err == nil && s.Out != "" {
		r.Said = s.Out + " written"
	}
	return err
}

// replaceable refuses to overwrite a file that holds something else than PEM of the kind wanted.
func replaceable(path, kind string) error {
	if path == "" {
		return nil
	}
	data, err := file.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err == nil && len(bytes.TrimSpace(data)) > 0 && !bytes.Contains(data, []byte(kind)) {
		err = pki.WithHint(fmt.Errorf("%s exists and holds something else", path), "choose another file, or move this one away")
	}
	return err
}
