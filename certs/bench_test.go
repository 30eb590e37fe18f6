package certs

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"math/big"
	"testing"
	"time"
)

// BenchmarkBare is what any program pays for a P-256 key and a certificate: the measure for the others.
func BenchmarkBare(b *testing.B) {
	for b.Loop() {
		key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
		if err != nil {
			b.Fatal(err)
		}
		template := &x509.Certificate{
			SerialNumber: big.NewInt(1),
			Subject:      pkix.Name{CommonName: "one.example"},
			NotBefore:    time.Now(), NotAfter: time.Now().Add(DefaultDuration),
			DNSNames: []string{"one.example"},
			KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
			BasicConstraintsValid: true,
		}
		if _, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkIssuePEM is the whole way from a Spec to checked PEM.
func BenchmarkIssuePEM(b *testing.B) {
	for b.Loop() {
		r, err := Spec{Name: "one", DNSNames: []string{"one.example"}}.Request()
		if err != nil {
			b.Fatal(err)
		}
		pair, err := Issue(r, SelfSigned{}, time.Now())
		if err != nil {
			b.Fatal(err)
		}
		if _, err := pair.PEM(); err != nil {
			b.Fatal(err)
		}
	}
}
