package pki

import (
	"bytes"
	"crypto/x509"
	"testing"

	"certgen/internal/pkitest"
)

// TestMarshalPKCS8: what is written by hand is what crypto/x509 writes.
func TestMarshalPKCS8(t *testing.T) {
	t.Parallel()
	for range 200 {
		key := pkitest.ECKey(t)
		want, err := x509.MarshalPKCS8PrivateKey(key)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := marshalPKCS8(key); err != nil || !bytes.Equal(got, want) {
			t.Fatalf("%x, %v; want %x", got, err, want)
		}
	}
}
