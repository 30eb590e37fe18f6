package pki

import (
	"crypto/ed25519"
	"crypto/rand"
	"crypto/x509"
	"fmt"
	"math/big"
	"testing"
)

// FuzzNameConstraints: what is taken stands in a certificate as it is written, and is taken from there again.
func FuzzNameConstraints(f *testing.F) {
	for _, seed := range []string{"example.com", ".example.com", "Bücher.example", "10.1.2.3/8", "2001:db8::/32", "::ffff:10.0.0.0/104", "0.0.0.0/0",
		"ops@example.com", "Ops@Example", "*.example", "x://y", "a..b", ".", "@", "10.0.0.1", ""} {
		f.Add(seed)
	}
	_, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, text string) {
		for i := range (&NameConstraints{}).Lists() {
			n := NameConstraints{Critical: true}
			*n.Lists()[i].Names = []string{text}
			parsed, problems := n.Parse()
			if len(problems) > 0 {
				if problems[0].Field == "" || problems[0].Reason == "" || problems[0].Value != text {
					t.Errorf("%q: %+v", text, problems)
				}
				continue
			}
			template := &x509.Certificate{SerialNumber: big.NewInt(1), IsCA: true, BasicConstraintsValid: true}
			parsed.Constrain(template)
			der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
			if err != nil {
				t.Fatalf("%q: %v", text, err)
			}
			c, err := x509.ParseCertificate(der)
			if err != nil {
				t.Fatalf("%q: %v", text, err)
			}
			have := NameConstraintsOf(c)
			if fmt.Sprint(have) != fmt.Sprint(parsed) || !have.Critical || have.Empty() {
				t.Errorf("%q: %v in the certificate, want %v", text, have, parsed)
			}
			if again, problems := have.Parse(); len(problems) > 0 || fmt.Sprint(again) != fmt.Sprint(parsed) {
				t.Errorf("%q: %v is taken as %v, %v", text, parsed, again, problems)
			}
		}
	})
}
