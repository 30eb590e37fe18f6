package certmanager

import (
	"bytes"
	"strings"
	"testing"

	"certgen/render"
)

// FuzzInput reads whatever there may be in a manifest: nothing panics, every problem has its place, and what is passed on is a document
// of its own that reads the same.
func FuzzInput(f *testing.F) {
	f.Add("apiVersion: cert-manager.io/v1\nkind: Certificate\nmetadata: {name: a}\nspec:\n  secretName: a\n  dnsNames: [a.example]\n  issuerRef: {name: b}\n")
	f.Add("{\"apiVersion\": \"v1\", \"kind\": \"List\", \"items\": [{\"apiVersion\": \"cert-manager.io/v1\", \"kind\": \"Issuer\", \"spec\": {\"ca\": {}}}, {\"kind\": \"X\"}]}")
	f.Add("apiVersion: cert-manager.io/v1\nkind: Certificate\nspec: {literalSubject: \"CN=a+O=b\", otherNames: [{oid: 1.2, utf8Value: x}], duration: 1h0m0.5s, renewal: {policy: RenewBefore, windows: [{cron: '* * * * *'}]}}\n")
	f.Add("apiVersion: cert-manager.io/v1\nkind: Certificate\nspec: {keystores: {jks: {create: true, passwordSecretRef: {name: a}}}, nameConstraints: {permitted: {ipRanges: [10.0.0.0/8]}}, isCA: true}\n---\n# only this\n---\na: Secret\n")
	f.Fuzz(func(t *testing.T, text string) {
		r := reading{}
		for doc, err := range render.Objects(strings.NewReader(text)) {
			if err != nil {
				return
			}
			for _, e := range r.document("f", doc) {
				for _, p := range e.problems {
					if p.Source != "f" || p.Line < 1 || p.Err == nil {
						t.Errorf("a problem without a place: %+v", p)
					}
				}
				if len(e.problems) > 0 || e.certificate != nil || e.issuer != nil {
					continue
				}
				passed := render.Separate(bytes.Clone(e.object.Text))
				count := 0
				for again, err := range render.Objects(bytes.NewReader(passed)) {
					if count++; err != nil || count > 1 {
						t.Errorf("%q is passed on as %q: %d documents, %v", e.object.Text, passed, count, err)
					}
					_ = again
				}
			}
		}
	})
}
