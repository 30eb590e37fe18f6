package faulty

import (
	"crypto"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"fmt"

	"certgen/certs/pki"
)

// paths are pairs whose path crypto/x509 judges otherwise than RFC 5280, by what it is about.
func (m *Maker) paths(key crypto.Signer) (pairs []Pair) {
	add := func(id string, template *x509.Certificate, by *Authority, above ...*x509.Certificate) {
		chain := append([]*x509.Certificate{m.sign(template, key.Public(), by, nil), by.Certificate}, above...)
		pairs = append(pairs, Pair{ID: id, Hosts: []string{Host}, PEM: pki.PEM{Cert: pemOf(chain...), Key: m.pemOfKey(key), CA: pemOf(m.Root.Certificate)}})
	}
	last := m.authority("Example Last", m.Root, func(c *x509.Certificate) { c.MaxPathLenZero = true })
	again := m.authority("Example Last", last, func(c *x509.Certificate) {
		c.MaxPathLenZero, c.AuthorityKeyId = true, last.Certificate.SubjectKeyId
	})
	add("go-refuses", m.leaf(), again, last.Certificate)

	organization := m.directory(pkix.Name{Organization: []string{"Example"}})
	add("go-refuses", m.inOrganization("Example"), m.authority("Example Issuer", m.Root, permitting(4, organization)))

	upper := *m.Intermediate.Certificate
	upper.RawSubject = m.directory(pkix.Name{CommonName: "EXAMPLE  INTERMEDIATE"})
	add("go-refuses", m.leaf(), &Authority{&upper, m.Intermediate.Key})
	pairs[len(pairs)-1].Alone = true // create puts chains together by names as they are written

	template := m.leaf()
	template.EmailAddresses = []string{"somebody@mail.web.example"}
	add("not-permitted", template, m.authority("Example Issuer", m.Root, func(c *x509.Certificate) {
		c.PermittedDNSDomainsCritical, c.PermittedEmailAddresses = true, []string{Host}
	}))

	template = m.leaf()
	for i := range 1100 {
		template.DNSNames = append(template.DNSNames, fmt.Sprintf("name-%d.web.example", i))
	}
	add("not-permitted", template, m.authority("Example Issuer", m.Root, func(c *x509.Certificate) {
		c.PermittedDNSDomainsCritical = true
		for i := range 1000 {
			c.ExcludedDNSDomains = append(c.ExcludedDNSDomains, fmt.Sprintf("other-%d.example", i))
		}
	}))
	return pairs
}

func (m *Maker) inOrganization(name string) *x509.Certificate {
	template := m.leaf()
	template.Subject = pkix.Name{Organization: []string{name}, CommonName: Host}
	return template
}

func (m *Maker) directory(name pkix.Name) []byte {
	der, err := pki.MarshalSubject(name.ToRDNSequence())
	m.check(err)
	return der
}

// permitting adds name constraints that permit names of one kind alone: its tag, and a name.
func permitting(tag int, name []byte) func(*x509.Certificate) {
	return func(c *x509.Certificate) {
		wrap := func(class, tag int, content []byte) []byte {
			der, err := asn1.Marshal(asn1.RawValue{Class: class, Tag: tag, IsCompound: true, Bytes: content})
			if err != nil {
				panic(err) // the tags are those above
			}
			return der
		}
		base := wrap(asn1.ClassContextSpecific, tag, name)
		subtree := wrap(asn1.ClassUniversal, asn1.TagSequence, base)
		permitted := wrap(asn1.ClassContextSpecific, 0, subtree)
		c.ExtraExtensions = append(c.ExtraExtensions, pkix.Extension{
			Id: asn1.ObjectIdentifier{2, 5, 29, 30}, Critical: true, Value: wrap(asn1.ClassUniversal, asn1.TagSequence, permitted),
		})
	}
}
