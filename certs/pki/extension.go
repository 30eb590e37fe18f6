package pki

import (
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"strconv"
)

// Extensions of certificates and of requests for them: [RFC 5280, section 4.2.1].
//
// [RFC 5280, section 4.2.1]: https://www.rfc-editor.org/rfc/rfc5280#section-4.2.1
var (
	OIDSubjectKeyID      = asn1.ObjectIdentifier{2, 5, 29, 14}
	OIDKeyUsage          = asn1.ObjectIdentifier{2, 5, 29, 15}
	OIDSubjectAltName    = asn1.ObjectIdentifier{2, 5, 29, 17}
	OIDBasicConstraints  = asn1.ObjectIdentifier{2, 5, 29, 19}
	OIDNameConstraints   = asn1.ObjectIdentifier{2, 5, 29, 30}
	OIDAuthorityKeyID    = asn1.ObjectIdentifier{2, 5, 29, 35}
	OIDPolicyConstraints = asn1.ObjectIdentifier{2, 5, 29, 36}
	OIDExtKeyUsage       = asn1.ObjectIdentifier{2, 5, 29, 37}
)

// Extension finds the one with an object identifier, nil where there is none.
func Extension(all []pkix.Extension, id asn1.ObjectIdentifier) *pkix.Extension {
	for i := range all {
		if all[i].Id.Equal(id) {
			return &all[i]
		}
	}
	return nil
}

// PathLengthOf is how many CAs may stand below a CA in a chain, nil where that is not bounded.
func PathLengthOf(c *x509.Certificate) *int {
	if !c.BasicConstraintsValid || c.MaxPathLen < 0 || c.MaxPathLen == 0 && !c.MaxPathLenZero {
		return nil
	}
	return &c.MaxPathLen
}

// FormatPathLength writes a path length for people.
func FormatPathLength(n *int) string {
	if n == nil {
		return "no bound"
	}
	return strconv.Itoa(*n)
}
