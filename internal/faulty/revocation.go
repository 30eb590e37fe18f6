package faulty

import (
	"crypto"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/pem"
	"math/big"

	"certgen/certs/pki"
)

// revocations are sound pairs with a list of their CA that is not, or that they are on.
func (m *Maker) revocations(key crypto.Signer) (pairs []Pair) {
	add := func(id string, by *Authority, change func(*x509.RevocationList)) {
		c := m.sign(m.leaf(), key.Public(), by, nil)
		list := &x509.RevocationList{Number: big.NewInt(7), ThisUpdate: m.now.AddDate(0, 0, -7), NextUpdate: m.now.AddDate(0, 0, 7)}
		if id == "revoked" {
			list.RevokedCertificateEntries = []x509.RevocationListEntry{{SerialNumber: c.SerialNumber, RevocationTime: m.now}}
		}
		if change != nil {
			change(list)
		}
		signer := *by.Certificate
		signer.KeyUsage |= x509.KeyUsageCRLSign // crypto/x509 wants it
		der, err := x509.CreateRevocationList(rand.Reader, list, &signer, by.Key)
		m.check(err)
		pairs = append(pairs, Pair{ID: id, Alone: true, CRL: pem.EncodeToMemory(&pem.Block{Type: "X509 CRL", Bytes: der}),
			PEM: pki.PEM{Cert: pemOf(c, by.Certificate), Key: m.pemOfKey(key), CA: pemOf(m.Root.Certificate)}, Hosts: []string{Host}})
	}
	add("revoked", m.Intermediate, nil)
	add("crl-stale", m.Intermediate, func(l *x509.RevocationList) { l.NextUpdate = m.now.AddDate(0, 0, -1) })
	add("crl-invalid", m.authority("Example Issuer", m.Root, func(c *x509.Certificate) { c.KeyUsage = x509.KeyUsageCertSign }), nil)
	add("crl-invalid", m.Intermediate, func(l *x509.RevocationList) {
		l.ExtraExtensions = []pkix.Extension{{Id: asn1.ObjectIdentifier{2, 5, 29, 27}, Critical: true, Value: []byte{2, 1, 1}}} // of changes
	})
	add("crl-number", m.Intermediate, func(l *x509.RevocationList) {
		l.ExtraExtensions = []pkix.Extension{{Id: asn1.ObjectIdentifier{2, 5, 29, 20}, Critical: true, Value: []byte{2, 1, 7}}}
	})
	return pairs
}
