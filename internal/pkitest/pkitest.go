package pkitest

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

// Signed is a certificate with its key, for tests.
type Signed struct {
	Cert *x509.Certificate
	Key  crypto.Signer
}

// Issue makes a certificate for name, signed by parent or, without one, by itself.
func Issue(t testing.TB, name string, parent *Signed, key crypto.Signer, change func(*x509.Certificate)) *Signed {
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
	s := &Signed{Key: key}
	if parent == nil {
		parent = &Signed{template, key}
	}
	der, err := x509.CreateCertificate(rand.Reader, template, parent.Cert, key.Public(), parent.Key)
	if err != nil {
		t.Fatal(err)
	}
	if s.Cert, err = x509.ParseCertificate(der); err != nil {
		t.Fatal(err)
	}
	return s
}

// Authority makes a CA certificate without names of its own.
func Authority(t testing.TB, name string, parent *Signed, change func(*x509.Certificate)) *Signed {
	t.Helper()
	return Issue(t, name, parent, ECKey(t), func(c *x509.Certificate) {
		c.IsCA, c.DNSNames, c.NotAfter = true, nil, c.NotBefore.AddDate(10, 0, 0)
		if change != nil {
			change(c)
		}
	})
}

func ECKey(t testing.TB) crypto.Signer {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// KeysOfEachKind is one key of each algorithm that certgen issues.
var KeysOfEachKind = sync.OnceValue(func() map[string]crypto.Signer {
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

func MarshalPKCS8(t testing.TB, key crypto.Signer) []byte {
	t.Helper()
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	return der
}

func PEMOf(label string, der []byte) string {
	return string(pem.EncodeToMemory(&pem.Block{Type: label, Bytes: der}))
}

// SameKey reports whether two private keys are the same.
func SameKey(a, b crypto.Signer) bool {
	return a.Public().(interface{ Equal(crypto.PublicKey) bool }).Equal(b.Public())
}

func Write(t testing.TB, path, data string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(data), 0o600); err != nil {
		t.Fatal(err)
	}
}

func Read(t testing.TB, path string) []byte {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return data
}
