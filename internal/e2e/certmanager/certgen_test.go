package certmanager

import (
	"bytes"
	"path/filepath"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/yaml"

	"certgen/internal/e2e"
)

// manifest writes documents to a file, as YAML, and returns its path.
func manifest(t testing.TB, docs []object) string {
	t.Helper()
	var text bytes.Buffer
	for _, doc := range docs {
		one, err := yaml.Marshal(doc)
		if err != nil {
			t.Fatal(err)
		}
		text.WriteString("---\n")
		text.Write(one)
	}
	path := filepath.Join(t.TempDir(), "manifest.yaml")
	e2e.Write(t, path, text.Bytes())
	return path
}

// made returns the Secrets that certgen makes of documents, by their names, and what it says against those that it
// refuses, by the names of the documents.
func made(t testing.TB, docs []object) (byName map[string]corev1.Secret, refusals map[string]string) {
	t.Helper()
	result := e2e.Execute(t, "", e2e.Certgen(t), "create", "-f", manifest(t, docs), "--keep-going")
	refusals = map[string]string{}
	for _, match := range refusal.FindAllStringSubmatch(result.Stderr, -1) {
		refusals[match[1]] = match[2]
	}
	byName = map[string]corev1.Secret{}
	for doc := range strings.SplitSeq(strings.TrimPrefix(result.Stdout, "---\n"), "\n---\n") {
		if s := e2e.Decode[corev1.Secret](t, doc); s.Kind == "Secret" {
			byName[s.Name] = s
		}
	}
	if len(byName) == 0 {
		t.Fatalf("certgen made nothing:\n%s", result.Stderr)
	}
	return byName, refusals
}
