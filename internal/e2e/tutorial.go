package e2e

import (
	"encoding/base64"
	"path/filepath"
	"strings"
	"testing"

	"certgen/internal/testbed"
)

// PublishedKey is the private key of the tutorial's sample, from the tutorial, which is not part of this
// repository.
func PublishedKey(t *testing.T) []byte {
	t.Helper()
	_, encoded, _ := strings.Cut(Tutorial(t), "tls.key: \"")
	encoded, _, _ = strings.Cut(encoded, "\"")
	key, err := base64.StdEncoding.DecodeString(encoded)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// Tutorial is the text of the tutorial "Connecting Applications with Services".
func Tutorial(t *testing.T) string {
	t.Helper()
	paths, err := filepath.Glob("../../../../shared/seeds/000_*.txt")
	if err != nil || len(paths) == 0 {
		testbed.Missing(t, "needs the tutorial with its published key, in ../shared/seeds")
	}
	return string(Read(t, paths[0]))
}
