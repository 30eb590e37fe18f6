package pki_test

import (
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"testing"

	"certgen/certs/pki"
	"certgen/internal/pkitest"
)

// TestClimbByKeyIdentifier: of two certificates of one CA and key, the one is taken whose key identifier the one below names.
func TestClimbByKeyIdentifier(t *testing.T) {
	t.Parallel()
	root := pkitest.Authority(t, "Root", nil, nil)
	other := pkitest.Authority(t, "Other", nil, nil)
	renamed := pkitest.Issue(t, "Root", other, root.Key, func(c *x509.Certificate) { c.DNSNames, c.SubjectKeyId = nil, []byte{1, 2} })
	lower := pkitest.Authority(t, "Lower", root, func(c *x509.Certificate) {
		c.ExtraExtensions = []pkix.Extension{{Id: asn1.ObjectIdentifier{2, 5, 29, 35}, Value: []byte{0x30, 4, 0x80, 2, 1, 2}}}
	})
	for _, pool := range [][]*x509.Certificate{{root.Cert, renamed.Cert, other.Cert}, {other.Cert, renamed.Cert, root.Cert}} {
		path, err := pki.Climb(lower.Cert, pool)
		if err != nil || len(path) != 3 || path[1] != renamed.Cert || path[2] != other.Cert {
			t.Errorf("%d certificates, %v", len(path), err)
		}
	}
}
