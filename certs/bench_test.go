package certs_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"math/big"
	"os"
	"slices"
	"testing"
	"time"

	"certgen/certs"
	"certgen/certs/pki"
	"certgen/render"
	"certgen/secrets"
)

// BenchmarkIssue times what certgen does for one certificate beside the least that any program pays for
// it. They take turns, so that what else the machine does falls on each alike, and the medians forget it.
//
// The bars hold where CERTGEN_TEST_BARS=1 says that the machine is quiet enough to judge.
func BenchmarkIssue(b *testing.B) {
	works := []struct {
		name string
		bar  float64 // how often the time of the first it may take
		do   func() error
	}{{"bare", 1, bare}, {"PEM", 1.3, issuePEM}, {"Secret-YAML", 1.5, issueSecretYAML}} // PEM: 1.27 measured, 0.01 of it for the rules of RFC 5280
	took := make([][]time.Duration, len(works))
	for b.Loop() {
		for range 100 { // so that even one loop says something
			for i, work := range works {
				start := time.Now()
				if err := work.do(); err != nil {
					b.Fatal(err)
				}
				took[i] = append(took[i], time.Since(start))
			}
		}
	}
	median := func(i int) float64 {
		slices.Sort(took[i])
		return took[i][len(took[i])/2].Seconds() * 1e6
	}
	b.ReportMetric(0, "ns/op") // all turns together say nothing
	for i, work := range works {
		ratio := median(i) / median(0)
		b.ReportMetric(median(i), work.name+"-µs")
		if i > 0 {
			b.ReportMetric(ratio, work.name+"/bare")
		}
		if ratio > work.bar && os.Getenv("CERTGEN_TEST_BARS") == "1" {
			b.Errorf("%s takes %.2f of bare issuing, at most %.2f are allowed", work.name, ratio, work.bar)
		}
	}
}

// bare makes a P-256 key and a certificate, and nothing of them.
func bare() error {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return err
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1),
		Subject:      pkix.Name{CommonName: "one.example"},
		NotBefore:    time.Now(), NotAfter: time.Now().Add(pki.DefaultDuration),
		DNSNames: []string{"one.example"},
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
		BasicConstraintsValid: true,
	}
	_, err = x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	return err
}

// issue goes from a Spec to a checked pair as PEM.
func issue() (pki.PEM, error) {
	r, err := certs.Spec{Name: "one", DNSNames: []string{"one.example"}}.Request()
	if err != nil {
		return pki.PEM{}, err
	}
	pair, _, err := certs.Issue(r, certs.SelfSigned{}, time.Now())
	if err != nil {
		return pki.PEM{}, err
	}
	return pair.PEM()
}

func issuePEM() error {
	_, err := issue()
	return err
}

// issueSecretYAML is all that "certgen create one --dns one.example" does between flags and output.
func issueSecretYAML() error {
	text, err := issue()
	if err != nil {
		return err
	}
	_, err = render.Encode(render.YAML, secrets.New(secrets.Meta{Name: "one"}, text, false))
	return err
}
