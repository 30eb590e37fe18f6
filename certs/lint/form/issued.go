package form

import (
	"bytes"
	"crypto/x509"

	"golang.org/x/crypto/cryptobyte"
	"golang.org/x/crypto/cryptobyte/asn1"

	"certgen/certs/pki"
)

// Issued finds what is wrong with c beside its issuer, which is c itself where c signed itself.
func Issued(c, issuer *x509.Certificate) []Fault {
	var found faults
	name := certName{c}
	switch {
	case c == issuer:
	case len(issuer.SubjectKeyId) == 0: // that is the issuer's fault
	case len(c.AuthorityKeyId) == 0:
		found.add(AuthorityKeyID, "%s has no authority key identifier", name)
	case !bytes.Equal(c.AuthorityKeyId, issuer.SubjectKeyId):
		found.add(IssuerKeyMismatch, "the authority key identifier of %s is not the subject key identifier of %s", name, pki.CertName(issuer))
	}
	if c.NotAfter.After(issuer.NotAfter) {
		found.add(OutlivesIssuer, "%s is valid until %s, and its issuer %s until %s", name, pki.FormatTime(c.NotAfter), pki.CertName(issuer), pki.FormatTime(issuer.NotAfter))
	}
	return found
}

// authorityKey is an authority key identifier, as far as it is asked for.
type authorityKey struct {
	present, issuer, serial bool
	id                      []byte
}

func authorityKeyOf(c *x509.Certificate) (key authorityKey) {
	extension := pki.Extension(c.Extensions, pki.OIDAuthorityKeyID)
	if extension == nil {
		return key
	}
	in := cryptobyte.String(extension.Value)
	var body, id, skipped cryptobyte.String
	if !in.ReadASN1(&body, asn1.SEQUENCE) || !body.ReadOptionalASN1(&id, nil, asn1.Tag(0).ContextSpecific()) {
		return key
	}
	key.present, key.id = true, id
	if !body.ReadOptionalASN1(&skipped, &key.issuer, asn1.Tag(1).ContextSpecific().Constructed()) ||
		!body.ReadOptionalASN1(&skipped, &key.serial, asn1.Tag(2).ContextSpecific()) {
		key.present = false
	}
	return key
}
