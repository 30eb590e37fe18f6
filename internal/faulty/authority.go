package faulty

import (
	"crypto"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"

	"certgen/certs/pki"
)

// authorities are pairs whose certificate a CA with a fault signed.
func (m *Maker) authorities(key crypto.Signer) (pairs []Pair) {
	signedBy := func(id string, change func(*x509.Certificate)) {
		ca := m.authority("Example Issuer", m.Root, change)
		c := m.sign(m.leaf(), key.Public(), ca, nil)
		pairs = append(pairs, Pair{ID: id, Hosts: []string{Host},
			PEM: pki.PEM{Cert: pemOf(c, ca.Certificate), Key: m.pemOfKey(key), CA: pemOf(m.Root.Certificate)}})
	}
	signedBy("ca-key-usage-missing", func(c *x509.Certificate) { c.KeyUsage = 0 })
	signedBy("ca-key-usage", func(c *x509.Certificate) { c.KeyUsage = x509.KeyUsageCRLSign })
	isCA := pkix.Extension{Id: asn1.ObjectIdentifier{2, 5, 29, 19}, Critical: true, Value: []byte{0x30, 3, 1, 1, 0xff}}
	signedBy("ca-key-identifier", func(c *x509.Certificate) { // crypto/x509 makes one for what it knows to be a CA
		c.IsCA, c.BasicConstraintsValid, c.ExtraExtensions = false, false, []pkix.Extension{isCA}
	})
	signedBy("ca-basic-constraints", func(c *x509.Certificate) {
		isCA.Critical = false
		c.ExtraExtensions = []pkix.Extension{isCA}
	})
	return pairs
}
