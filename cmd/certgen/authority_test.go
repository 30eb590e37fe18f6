package main

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
	"os"
	"path/filepath"
	"testing"
	"time"
)

// keyType is a kind of key that certgen makes, and the flags that ask for it.
type keyType struct {
	name, algorithm, size string
}

func keyTypes() []keyType {
	return []keyType{
		{"P-256", "ecdsa", "256"},
		{"P-384", "ecdsa", "384"},
		{"P-521", "ecdsa", "521"},
		{"Ed25519", "ed25519", ""},
		{"RSA-2048", "rsa", "2048"},
		{"RSA-3072", "rsa", "3072"},
		{"RSA-4096", "rsa", "4096"},
	}
}

func (k keyType) flags() []string {
	if k.size == "" {
		return []string{"--key-algorithm", k.algorithm}
	}
	return []string{"--key-algorithm", k.algorithm, "--key-size", k.size}
}

// issuers are the ways in which a test's certificate is signed, as flags for `certgen create`. The
// authorities have keys of the leaf's algorithm, so that every reader meets its signatures too.
func issuers(t *testing.T, algorithm string) map[string][]string {
	t.Helper()
	root := newAuthority(t, "Test Root", algorithm, nil)
	intermediate := newAuthority(t, "Test Intermediate", algorithm, root)
	return map[string][]string{
		"self-signed": nil,
		"CA-signed":   root.flags(t),
		"three-level": intermediate.flags(t),
	}
}

// authority is a certification authority of the tests' own.
type authority struct {
	cert  *x509.Certificate
	key   crypto.Signer
	chain []byte // PEM: its certificate, then those above it
}

func newAuthority(t testing.TB, name, algorithm string, parent *authority) *authority {
	t.Helper()
	a := &authority{key: newKey(t, algorithm)}
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
	a.chain = pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
	if parent != nil {
		a.chain = append(a.chain, parent.chain...)
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

// flags writes the authority to files and returns the flags that sign with it.
func (a *authority) flags(t testing.TB) []string {
	t.Helper()
	der, err := x509.MarshalPKCS8PrivateKey(a.key)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	cert, key := filepath.Join(dir, "ca.crt"), filepath.Join(dir, "ca.key")
	write(t, cert, a.chain)
	write(t, key, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}))
	return []string{"--ca-cert", cert, "--ca-key", key}
}

func write(t testing.TB, path string, data []byte) {
	t.Helper()
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
}

func read(t testing.TB, path string) []byte {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// parse returns the certificates of a PEM file.
func parse(t testing.TB, path string) (certs []*x509.Certificate) {
	t.Helper()
	for rest := read(t, path); ; {
		var block *pem.Block
		if block, rest = pem.Decode(rest); block == nil {
			return certs
		}
		cert, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			t.Fatal(err)
		}
		certs = append(certs, cert)
	}
}
