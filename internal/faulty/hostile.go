package faulty

import (
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"fmt"
)

// ManyNames is a certificate with n names, none of them Host.
func (m *Maker) ManyNames(n int) *x509.Certificate {
	template := m.leaf()
	template.DNSNames = nil
	for i := range n {
		template.DNSNames = append(template.DNSNames, fmt.Sprintf("name-%d.other.example", i))
	}
	key := m.ecdsaKey()
	return m.sign(template, key.Public(), nil, key)
}

// LargeExtension is a certificate with an extension of n bytes that nobody knows, and not for Host.
func (m *Maker) LargeExtension(n int) *x509.Certificate {
	template := m.leaf()
	template.DNSNames = []string{"other.example"}
	template.ExtraExtensions = []pkix.Extension{{Id: asn1.ObjectIdentifier{1, 3, 6, 1, 4, 1, 99999, 1}, Value: make([]byte, n)}}
	key := m.ecdsaKey()
	return m.sign(template, key.Public(), nil, key)
}

// LongChain is a chain of n certificates without its root.
func (m *Maker) LongChain(n int) []*x509.Certificate {
	chain := make([]*x509.Certificate, n)
	by := m.Root
	for i := n - 1; i > 0; i-- {
		by = m.authority(fmt.Sprintf("Example CA %d", i), by, nil)
		chain[i] = by.Certificate
	}
	chain[0] = m.sign(m.leaf(), m.ecdsaKey().Public(), by, nil)
	return chain
}
