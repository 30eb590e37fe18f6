package certmanager

import (
	"slices"
	"strings"
	"testing"
	"time"

	"certgen/internal/e2e"
)

// lenient are the documents that certgen takes although cert-manager refuses them.
func lenient() []exception {
	return []exception{
		{`^refused-store-without-create$`, "", "without create: true there is no keystore, which is what it says"},
		{`^refused-literal-(04|09|10)$`, "", "the attributes of a subject may be written in small letters, and the e-mail address is one, as in RFC 4514 and OpenSSL"},
		{`^refused-literal-08$`, "", "a character that needs no backslash is taken as it is"},
		{`^refused-(duration|renew-before)-0$`, "", "an empty text is what a template leaves of a value that is not set"},
	}
}

// TestRefused: what cert-manager refuses, certgen refuses, and says so.
func TestRefused(t *testing.T) {
	c := bed(t)
	namespace := c.Namespace(t, nil)
	foundations := in(namespace, issuers(t))
	documents := in(namespace, refused())
	said := validate(t, documents)
	taken := newTally(lenient())
	for i, doc := range documents {
		name := doc["metadata"].(object)["name"].(string)
		schema := create(t, c, doc, true)
		if schema == nil && len(said[i]) == 0 {
			t.Errorf("cert-manager takes %s: %s", name, words(doc["spec"].(object)))
		}
		message, code := refusedByCertgen(t, foundations, doc)
		switch {
		case code == 0 && !taken.allows(name, ""):
			t.Errorf("certgen takes %s\n%s\ncert-manager: %v %q", name, words(doc["spec"].(object))[:min(300, len(words(doc["spec"].(object))))], schema, said[i])
		case code > 0 && !strings.Contains(message, "manifest.yaml:"):
			t.Errorf("certgen refuses %s without its place: %s", name, message)
		}
	}
	taken.unmet(t)
}

// TestNeverIssued: what cert-manager takes and never issues, certgen refuses.
func TestNeverIssued(t *testing.T) {
	c := bed(t)
	namespace := c.Namespace(t, nil)
	foundations := in(namespace, issuers(t))
	c.StartCertManager(t)
	// What belongs to the whole cluster may be there from another test.
	give(t, c, slices.DeleteFunc(slices.Clone(foundations), func(doc object) bool { return doc["metadata"].(object)["namespace"] != namespace }))
	awaitReady(t, c, namespace, time.Minute)
	documents := in(namespace, neverIssued())
	give(t, c, documents)
	for i, said := range validate(t, documents) {
		if len(said) > 0 {
			t.Errorf("cert-manager's webhook refuses %v already: %q", documents[i]["spec"], said)
		}
	}
	// One that comes after them is issued long before they would be given up.
	last := in(namespace, []object{certificate("last", object{"issuerRef": object{"name": "self"}, "commonName": "x", "privateKey": object{"algorithm": "ECDSA"}})})
	give(t, c, last)
	awaitIssued(t, c, namespace, "last")
	time.Sleep(2 * time.Second)
	have := secrets(t, c, namespace)
	for _, doc := range documents {
		name := doc["metadata"].(object)["name"].(string)
		if s, there := have[name]; there && len(s.Data["tls.crt"]) > 0 {
			t.Errorf("cert-manager issues %s", name)
		}
		if message, code := refusedByCertgen(t, foundations, doc); code == 0 {
			t.Errorf("certgen takes %s: %s", name, words(doc["spec"].(object)))
		} else if !strings.Contains(message, "manifest.yaml:") {
			t.Errorf("certgen refuses %s without its place: %s", name, message)
		}
	}
}

// refusedByCertgen returns what certgen says to one more document, and its exit code.
func refusedByCertgen(t testing.TB, foundations []object, doc object) (message string, code int) {
	t.Helper()
	result := e2e.Execute(t, "", e2e.Certgen(t), "create", "-f", manifest(t, append(slices.Clone(foundations), doc)))
	if result.Code != 0 && result.Stdout != "" {
		t.Errorf("certgen refuses %v and prints something nevertheless", doc["metadata"])
	}
	return result.Stderr, result.Code
}
