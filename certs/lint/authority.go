package lint

import (
	"crypto/x509"
	"encoding/asn1"
	"slices"

	"certgen/certs/pki"
)

// strictly says whom a CA breaks that is not as RFC 5280 wants CAs to be, roots included:
// https://docs.python.org/3/library/ssl.html#ssl.VERIFY_X509_STRICT
const strictly = "Python from 3.13 on, which holds CAs to all of RFC 5280; OpenSSL does with -x509_strict only"

const mendCA = "make a new CA (certgen ca create NAME), or ask its owner for a newer certificate"

// authorities returns the CA certificates that the leaf needs, or that are what is judged: of the chain and of the anchors.
func (t Target) authorities(leaf *x509.Certificate, server bool) (cas []*x509.Certificate) {
	for _, c := range pki.Unique(slices.Concat(t.Chain, t.CA)) {
		if c.BasicConstraintsValid && c.IsCA && !(server && c.Equal(leaf)) {
			cas = append(cas, c)
		}
	}
	return cas
}

// authorityFindings judges what CAs say of themselves: RFC 5280, sections 4.2.1.2, 4.2.1.3 and 4.2.1.9.
func authorityFindings(cas []*x509.Certificate, trust trust) (found []Finding) {
	for _, c := range cas {
		if mayNotSign(c) {
			found = append(found, trust.rule(RuleCAKeyUsage, c).Found("the key usage of %s does not include certSign", pki.CertName(c)))
		}
		if !trust.needs(c) {
			continue
		}
		if c.KeyUsage == 0 {
			found = append(found, RuleCAKeyUsageMissing.Found("%s is a CA without a key usage", pki.CertName(c)))
		}
		if !basicConstraintsCritical(c) {
			found = append(found, RuleCABasicConstraints.Found("the basic constraints of %s are not critical", pki.CertName(c)))
		}
		if len(c.SubjectKeyId) == 0 {
			found = append(found, RuleCAKeyIdentifier.Found("%s is a CA without a subject key identifier", pki.CertName(c)))
		}
	}
	return found
}

// mayNotSign reports whether the key usage of a CA keeps it from signing certificates.
func mayNotSign(c *x509.Certificate) bool {
	return c.IsCA && c.KeyUsage != 0 && c.KeyUsage&x509.KeyUsageCertSign == 0
}

func basicConstraintsCritical(c *x509.Certificate) bool {
	for _, extension := range c.Extensions {
		if extension.Id.Equal(asn1.ObjectIdentifier{2, 5, 29, 19}) {
			return extension.Critical
		}
	}
	return false
}
