package e2e

import (
	"strings"
	"testing"

	"sigs.k8s.io/yaml"
)

// Documents returns a manifest's documents by kind, which the bundles have one of each.
func Documents(t testing.TB, manifest string) map[string]string {
	t.Helper()
	byKind := map[string]string{}
	for doc := range strings.SplitSeq(strings.TrimSuffix(manifest, "\n"), "\n---\n") {
		doc += "\n" // which may be the last of a text
		byKind[Decode[struct{ Kind string }](t, doc).Kind] = doc
	}
	return byKind
}

// Decode reads a document as Kubernetes' own programs do.
func Decode[T any](t testing.TB, doc string) (object T) {
	t.Helper()
	if err := yaml.Unmarshal([]byte(doc), &object); err != nil {
		t.Fatalf("%v in:\n%s", err, doc)
	}
	return object
}
