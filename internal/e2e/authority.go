package e2e

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"path/filepath"
	"testing"
	"time"
)

// KeyType is a kind of key that certgen makes, and the flags that ask for it.
type KeyType struct {
	Name, Algorithm, size string
}

// KeyTypes are all kinds of key that certgen makes.
func KeyTypes() []KeyType {
	return []KeyType{
		{"P-256", "ecdsa", "256"},
		{"P-384", "ecdsa", "384"},
		{"P-521", "ecdsa", "521"},
		{"Ed25519", "ed25519", ""},
		{"RSA-2048", "rsa", "2048"},
		{"RSA-3072", "rsa", "3072"},
		{"RSA-4096", "rsa", "4096"},
	}
}

// Flags ask `certgen create` for a key of this type.
func (k KeyType) Flags() []string {
	if k.size == "" {
		return []string{"--key-algorithm", k.Algorithm}
	}
	return []string{"--key-algorithm", k.Algorithm, "--key-size", k.size}
}

// Issuers are the ways in which a test's certificate is signed, as flags for `certgen create`. The
// authorities have keys of the leaf's algorithm, so that every reader meets its signatures too.
func Issuers(t *testing.T, algorithm string) map[string][]string {
	t.Helper()
	root := NewAuthority(t, "Test Root", algorithm, nil)
	intermediate := NewAuthority(t, "Test Intermediate", algorithm, root)
	return map[string][]string{
		"self-signed": nil,
		"CA-signed":   root.Flags(t),
		"three-level": intermediate.Flags(t),
	}
}

// Authority is a certification authority of the tests' own.
type Authority struct {
	cert  *x509.Certificate
	key   crypto.Signer
	Chain []byte // PEM: its certificate, then those above it
}

// NewAuthority makes a CA with a key of an algorithm, self-signed where it has no parent.
func NewAuthority(t testing.TB, name, algorithm string, parent *Authority) *Authority {
	t.Helper()
	a := &Authority{key: newKey(t, algorithm)}
	template := &x509.Certificate{
		Subject:               pkix.Name{CommonName: name},
		NotBefore:             time.Now().Add(-time.Hour),
		NotAfter:              time.Now().AddDate(10, 0, 0),
		KeyUsage:              x509.KeyUsageCertSign | x509.KeyUsageCRLSign,
		BasicConstraintsValid: true,
		IsCA:                  true,
	}
	issuer, signer := template, a.key
	if parent != nil {
		issuer, signer = parent.cert, parent.key
	}
	der, err := x509.CreateCertificate(rand.Reader, template, issuer, a.key.Public(), signer)
	if err != nil {
		t.Fatal(err)
	}
	if a.cert, err = x509.ParseCertificate(der); err != nil {
		t.Fatal(err)
	}
	a.Chain = pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
	if parent != nil {
		a.Chain = append(a.Chain, parent.Chain...)
	}
	return a
}

func newKey(t testing.TB, algorithm string) (key crypto.Signer) {
	t.Helper()
	var err error
	switch algorithm {
	case "ecdsa":
		key, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	case "ed25519":
		_, key, err = ed25519.GenerateKey(rand.Reader)
	case "rsa":
		key, err = rsa.GenerateKey(rand.Reader, 2048)
	}
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// Flags writes the authority to files and returns the flags that sign with it.
func (a *Authority) Flags(t testing.TB) []string {
	t.Helper()
	der, err := x509.MarshalPKCS8PrivateKey(a.key)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	cert, key := filepath.Join(dir, "ca.crt"), filepath.Join(dir, "ca.key")
	Write(t, cert, a.Chain)
	Write(t, key, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}))
	return []string{"--ca-cert", cert, "--ca-key", key}
}
