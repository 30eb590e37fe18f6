package pki

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"math/big"
	"testing"
)

// FuzzParseCertificate: whatever is read besides what Go reads is the certificate as it was written, and has
// names for its algorithms.
func FuzzParseCertificate(f *testing.F) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		f.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), DNSNames: []string{"web.example"}}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		f.Fatal(err)
	}
	p256, k256 := []byte{0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07}, []byte{0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x7f}
	strange := bytes.Replace(der, p256, k256, 1)
	if c, err := ParseCertificate(strange); err != nil || KeyName(c) != "ECDSA 1.2.840.10045.3.1.127" || SignatureName(c) != "ECDSA-SHA256" {
		f.Errorf("a curve that nobody knows: %v", err)
	}
	f.Add(der)
	f.Add(strange)
	f.Fuzz(func(t *testing.T, der []byte) {
		before := bytes.Clone(der)
		c, err := ParseCertificate(der)
		if !bytes.Equal(before, der) {
			t.Error("the input is not what it was")
		}
		if err != nil {
			return
		}
		if !bytes.Equal(c.Raw, der) || !bytes.Contains(der, c.RawTBSCertificate) || !bytes.Contains(der, c.RawSubjectPublicKeyInfo) {
			t.Error("the certificate is not what was written")
		}
		if KeyName(c) == "" || SignatureName(c) == "" {
			t.Errorf("key %q, signature %q", KeyName(c), SignatureName(c))
		}
	})
}
