package cmd

import (
	"certgen/certs/pki"
	"certgen/cmd/internal/cli"
	"certgen/render/file"
)

// A store is where a certificate lives. What one of them saved, it loads again; standard output, which
// keeps nothing, always loads nothing.
type store interface {
	// Load returns the pair that the store holds, empty where it holds none.
	Load() (pki.PEM, error)
	// Save makes the store hold the pair. It returns a line for people, empty where there is none.
	Save(pki.PEM) (string, error)
}

// stdoutStore prints the pair.
type stdoutStore struct {
	streams cli.IOStreams
	encode  func(pki.PEM) ([]byte, error)
}

func (s *stdoutStore) Load() (pki.PEM, error) { return pki.PEM{}, nil }

func (s *stdoutStore) Save(pair pki.PEM) (string, error) {
	data, err := s.encode(pair)
	if err != nil {
		return "", err
	}
	return "", s.streams.Write(data)
}

// exposed adds to the line about a file with a key that everybody can read it, where that is so. A mode that
// lets a group read, as servers need at times, is its owner's choice.
func exposed(path string) string {
	if file.ReadableByAll(path) {
		return "; but everybody on this machine can read the key in it"
	}
	return ""
}
