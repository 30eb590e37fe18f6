package signing_test

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"slices"
	"strings"
	"testing"

	"certgen/certs/signing"
)

var key crypto.Signer = newKey()

func newKey() crypto.Signer {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		panic(err)
	}
	return key
}

// request encodes a request for a host, signed by its key.
func request(t testing.TB) []byte {
	t.Helper()
	der, err := x509.CreateCertificateRequest(rand.Reader, &x509.CertificateRequest{DNSNames: []string{"a.example"}}, key)
	if err != nil {
		t.Fatal(err)
	}
	return der
}

func TestRead(t *testing.T) {
	t.Parallel()
	der := request(t)
	text := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE REQUEST", Bytes: der})
	old := pem.EncodeToMemory(&pem.Block{Type: "NEW CERTIFICATE REQUEST", Bytes: der})
	forged := slices.Clone(der)
	forged[len(forged)-1] ^= 1
	for name, test := range map[string]struct {
		data []byte
		want string
	}{
		"DER":          {der, ""},
		"PEM":          {text, ""},
		"older label":  {old, ""},
		"with words":   {slices.Concat([]byte("a request:\n"), text, []byte("\nthanks")), ""},
		"two":          {slices.Concat(text, old), "more than one"},
		"another PEM":  {pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der}), "no certificate request"},
		"forged":       {forged, "not signed with its own key"},
		"nothing":      {nil, "not a certificate request"},
		"with a tail":  {append(slices.Clone(der), 0), "not a certificate request"},
		"half of it":   {der[:len(der)/2], "not a certificate request"},
		"only a start": {text[:len(text)/2], "no certificate request"},
	} {
		csr, err := signing.Read(test.data)
		if (err == nil) != (test.want == "") || err != nil && !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: %v, want %q", name, err, test.want)
		}
		if err == nil && !slices.Equal(csr.DNSNames, []string{"a.example"}) {
			t.Errorf("%s: %v", name, csr.DNSNames)
		}
	}
}

// FuzzRead: whatever a request says, it is refused or becomes what may be signed: names that the rules allow, and no CA.
func FuzzRead(f *testing.F) {
	f.Add(request(f))
	allowed, err := signing.ParseAllowed([]string{".example", "10.0.0.0/8", "spiffe://a.example/ns/*", "@a.example"})
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		csr, err := signing.Read(data)
		if csr == nil { // the fuzzer makes no signatures, and none is needed to read what was signed
			if csr, err = x509.ParseCertificateRequest(data); err != nil {
				return
			}
		}
		r, _, err := signing.Terms{Allowed: allowed}.Request("x", csr)
		if err != nil {
			return
		}
		for _, name := range r.DNSNames {
			if !strings.HasSuffix(name, ".example") {
				t.Errorf("certifies %q", name)
			}
		}
		if r.IsCA || len(r.Subject) != 1 {
			t.Errorf("a CA: %v, subject %v", r.IsCA, r.Subject)
		}
	})
}
