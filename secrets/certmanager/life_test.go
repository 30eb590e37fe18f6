package certmanager_test

import (
	"context"
	"io"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"certgen/render"
	"certgen/secrets/certmanager"
	"certgen/secrets/provision"
)

// brief are a CA of 63 minutes and a leaf that asks for one hour of them.
const brief = `apiVersion: cert-manager.io/v1
kind: Issuer
metadata: {name: self}
spec: {selfSigned: {}}
---
apiVersion: cert-manager.io/v1
kind: Issuer
metadata: {name: ca}
spec: {ca: {secretName: ca}}
---
apiVersion: cert-manager.io/v1
kind: Certificate
metadata: {name: ca}
spec: {secretName: ca, isCA: true, commonName: ca, duration: 63m, privateKey: {algorithm: ECDSA}, issuerRef: {name: self}}
---
apiVersion: cert-manager.io/v1
kind: Certificate
metadata: {name: web}
spec: {secretName: web, dnsNames: [a.example], duration: 1h, usages: [server auth], privateKey: {algorithm: ECDSA}, issuerRef: {name: ca}}
`

// TestRunAgain: what is not due is kept although its CA has less life left than it asks for; what must be made ends with its CA until that
// is renewed; and what can never have its duration is refused.
func TestRunAgain(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "kept.yaml")
		run := func(input string) (certmanager.Summary, string, error) {
			held, err := provision.OpenCollection(path, render.YAML, false)
			if err != nil {
				t.Fatal(err)
			}
			source := certmanager.Source{Name: "in.yaml", Open: func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(input)), nil }}
			var text, notes []string
			sum, err := certmanager.Run(context.Background(), []certmanager.Source{source}, held, certmanager.Options{Parallel: 1}, func(d certmanager.Done) error {
				if d.Result != nil {
					text, notes = append(text, string(d.Result.Output)), append(notes, d.Result.Notes...)
				}
				return nil
			})
			if err == nil && sum.Issued+sum.Reissued > 0 {
				_, err = provision.WriteManifest("--out", path, []byte(strings.Join(text, "")))
			}
			return sum, strings.Join(notes, "\n"), err
		}
		before, rest, _ := strings.Cut(brief, "---\napiVersion: cert-manager.io/v1\nkind: Certificate")
		_, leaf, _ := strings.Cut(rest, "---\n")
		alone := before + "---\n" + leaf // the CA is in the store, and nobody is known who renews it
		steps := []struct {
			after time.Duration
			input string
			want  certmanager.Summary
			notes string
		}{
			{0, brief, certmanager.Summary{Issued: 2}, ""},
			{30 * time.Minute, brief, certmanager.Summary{Kept: 2}, ""},
			{0, alone, certmanager.Summary{Kept: 1}, ""},
			{0, strings.Replace(brief, "a.example", "b.example", 1), certmanager.Summary{Kept: 1, Reissued: 1}, "the certificate ends with its CA, after 33m instead of 1h, which it can have when the CA has been renewed"},
			{0, strings.Replace(brief, "a.example", "b.example", 1), certmanager.Summary{Kept: 2}, ""},
			{20 * time.Minute, strings.Replace(brief, "a.example", "b.example", 1), certmanager.Summary{Reissued: 2}, ""},
			{0, strings.Replace(brief, "duration: 1h", "duration: 63m", 1), certmanager.Summary{Kept: 1, Reissued: 1}, "the certificate ends with its CA, after 1h3m"},
		}
		for i, step := range steps {
			time.Sleep(step.after)
			sum, notes, err := run(step.input)
			if err != nil || sum != step.want || notes != step.notes {
				t.Errorf("run %d: %+v, notes %q, error %v; want %+v, notes %q", i+1, sum, notes, err, step.want, step.notes)
			}
		}
		if _, _, err := run(strings.NewReplacer("a.example", "c.example", "duration: 1h", "duration: 64m").Replace(brief)); err == nil || !strings.Contains(err.Error(), "longer than the CA lives") {
			t.Errorf("more than the whole life of the CA: %v", err)
		}
	})
}
