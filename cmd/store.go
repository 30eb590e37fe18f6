package cmd

import (
	"certgen/certs"
	"certgen/render"
)

// A store is where a certificate lives. What one of them saved, it loads again; standard output, which
// keeps nothing, always loads nothing.
type store interface {
	// Load returns the pair that the store holds, empty where it holds none.
	Load() (certs.PEM, error)
	// Save makes the store hold the pair. It returns a line for people, empty where there is none.
	Save(certs.PEM) (string, error)
}

// stdoutStore prints the pair.
type stdoutStore struct {
	streams IOStreams
	encode  func(certs.PEM) ([]byte, error)
}

func (s *stdoutStore) Load() (certs.PEM, error) { return certs.PEM{}, nil }

func (s *stdoutStore) Save(pair certs.PEM) (string, error) {
	data, err := s.encode(pair)
	if err != nil {
		return "", err
	}
	return "", s.streams.write(data)
}

// exposed adds to the line about a file with a key that everybody can read it, where that is so. A mode that
// lets a group read, as servers need at times, is its owner's choice.
func exposed(path string) string {
	if render.ReadableByAll(path) {
		return "; but everybody on this machine can read the key in it"
	}
	return ""
}
