package certmanager

import (
	"bytes"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"sigs.k8s.io/yaml"

	"certgen/internal/testbed"
)

// fenced are the YAML blocks of a Markdown text.
var fenced = regexp.MustCompile("(?s)```\\s*ya?ml\\n(.*?)```")

// fromModule returns the Certificates that cert-manager's own module has in its YAML and Markdown files, each with a
// name of its own and an issuer that is there: theirs are servers elsewhere, or made by other documents.
func fromModule(t testing.TB) (all []object) {
	t.Helper()
	root := testbed.CertManagerModule(t)
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		extension := filepath.Ext(path)
		if err != nil || entry.IsDir() || extension != ".yaml" && extension != ".md" {
			return err
		}
		text, err := os.ReadFile(path)
		if err != nil || !bytes.Contains(text, []byte("kind: Certificate\n")) {
			return err
		}
		texts := []string{string(text)}
		if extension == ".md" {
			texts = nil
			for _, block := range fenced.FindAllSubmatch(text, -1) {
				texts = append(texts, string(block[1]))
			}
		}
		for _, text := range texts {
			for one := range strings.SplitSeq(text, "\n---\n") {
				if doc := ofModule(one); doc != nil {
					doc["metadata"] = object{"name": fmt.Sprintf("module-%d", len(all))}
					doc["spec"].(object)["secretName"] = fmt.Sprintf("module-%d", len(all))
					doc["spec"].(object)["issuerRef"] = object{"name": "self"}
					all = append(all, doc)
				}
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(all) < 2 {
		t.Fatalf("%d Certificates in %s: it had more", len(all), root)
	}
	return all
}

// ofModule returns a document's Certificate, if it is one that says what it is for: not a template of Helm's, nor the
// beginning of an example.
func ofModule(text string) object {
	var doc object
	if yaml.Unmarshal([]byte(text), &doc) != nil || doc["kind"] != "Certificate" {
		return nil
	}
	spec, _ := doc["spec"].(object)
	for _, names := range []string{"commonName", "dnsNames", "literalSubject", "uris", "emailAddresses", "ipAddresses"} {
		if spec[names] != nil {
			return doc
		}
	}
	return nil
}
