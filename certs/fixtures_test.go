package certs

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
	"math/big"
	"os"
	"strings"
	"sync"
	"testing"
	"time"
)

// signed is a certificate with its key, for tests.
type signed struct {
	cert *x509.Certificate
	key  crypto.Signer
}

// issue makes a certificate for name, signed by parent or, without one, by itself.
func issue(t testing.TB, name string, parent *signed, key crypto.Signer, change func(*x509.Certificate)) *signed {
	t.Helper()
	template := &x509.Certificate{
		SerialNumber:          big.NewInt(time.Now().UnixNano()),
		Subject:               pkix.Name{CommonName: name},
		NotBefore:             time.Now().Add(-time.Hour),
		NotAfter:              time.Now().Add(24 * time.Hour),
		BasicConstraintsValid: true,
		IsCA:                  !strings.Contains(name, "."),
		DNSNames:              []string{"a.example"},
	}
	if change != nil {
		change(template)
	}
	s := &signed{key: key}
	if parent == nil {
		parent = &signed{template, key}
	}
	der, err := x509.CreateCertificate(rand.Reader, template, parent.cert, key.Public(), parent.key)
	if err != nil {
		t.Fatal(err)
	}
	if s.cert, err = x509.ParseCertificate(der); err != nil {
		t.Fatal(err)
	}
	return s
}

// authority makes a CA certificate without names of its own.
func authority(t testing.TB, name string, parent *signed, change func(*x509.Certificate)) *signed {
	t.Helper()
	return issue(t, name, parent, ecKey(t), func(c *x509.Certificate) {
		c.IsCA, c.DNSNames, c.NotAfter = true, nil, c.NotBefore.AddDate(10, 0, 0)
		if change != nil {
			change(c)
		}
	})
}

func ecKey(t testing.TB) crypto.Signer {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// keysOfEachKind is one key of each algorithm that certgen issues.
var keysOfEachKind = sync.OnceValue(func() map[string]crypto.Signer {
	must := func(k crypto.Signer, err error) crypto.Signer {
		if err != nil {
			panic(err)
		}
		return k
	}
	ec := func(c elliptic.Curve) crypto.Signer { return must(ecdsa.GenerateKey(c, rand.Reader)) }
	_, ed, err := ed25519.GenerateKey(rand.Reader)
	return map[string]crypto.Signer{
		"RSA 2048": must(rsa.GenerateKey(rand.Reader, 2048)),
		"P-256":    ec(elliptic.P256()),
		"P-384":    ec(elliptic.P384()),
		"P-521":    ec(elliptic.P521()),
		"Ed25519":  must(ed, err),
	}
})

func marshalPKCS8(t testing.TB, key crypto.Signer) []byte {
	t.Helper()
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	return der
}

func pemOf(label string, der []byte) string {
	return string(pem.EncodeToMemory(&pem.Block{Type: label, Bytes: der}))
}

// sameKey reports whether two private keys are the same.
func sameKey(a, b crypto.Signer) bool {
	return a.Public().(interface{ Equal(crypto.PublicKey) bool }).Equal(b.Public())
}

func write(t testing.TB, path, data string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(data), 0o600); err != nil {
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
