package chain

import (
	"crypto/x509"
	"fmt"

	"certgen/certs/pki"
)

// maxComparisons is how many names times constraints are compared. OpenSSL refuses a certificate that needs more
// (NAME_CHECK_MAX), as each has to be held against each; here it bounds the work for a whole path.
const maxComparisons = 1 << 20

// TooMany is the fault of a path whose names and constraints are too many to compare.
type TooMany struct{ Names, Constraints int }

func (e TooMany) Error() string {
	return fmt.Sprintf("%d names are to be held against %d name constraints", e.Names, e.Constraints)
}

// Judge returns what of a path, from the leaf up to its root, RFC 5280 forbids: the first path length or name
// constraint that is broken; nil where none is. The constraints of the root count as those of any CA.
func Judge(path []*x509.Certificate) error {
	if err := pathLengths(path); err != nil {
		return err
	}
	return nameConstraints(path)
}

// pathLengths counts the CAs below each; one that issued itself a new certificate is not another CA (section 4.2.1.9).
func pathLengths(path []*x509.Certificate) error {
	for i, c := range path {
		length := pki.PathLengthOf(c)
		if length == nil || i-1 <= *length {
			continue
		}
		below := 0
		for _, ca := range path[1:i] {
			if !selfIssued(ca) {
				below++
			}
		}
		if below > *length {
			return fmt.Errorf("%s permits %s below it, and there are %d", pki.CertName(c), CountCAs(*length), below)
		}
	}
	return nil
}

// CountCAs says how many CAs for people.
func CountCAs(n int) string {
	switch n {
	case 0:
		return "no CA"
	case 1:
		return "1 CA"
	}
	return fmt.Sprintf("%d CAs", n)
}

// selfIssued is [pki.SelfIssued] by names as the RFC compares them.
func selfIssued(c *x509.Certificate) bool {
	return pki.SelfIssued(c) || Name(c.RawSubject) == Name(c.RawIssuer)
}

// Lenient returns a copy of c by which crypto/x509 finds paths that [Judge] is to judge: without path length and name
// constraints, and with names that are alike where the RFC says so. Of the extensions, only name constraints are passed
// over. Raw is that of c.
func Lenient(c *x509.Certificate) *x509.Certificate {
	copied := *c
	copied.RawSubject, copied.RawIssuer = []byte(Name(c.RawSubject)), []byte(Name(c.RawIssuer))
	copied.MaxPathLen, copied.MaxPathLenZero = -1, false
	copied.Extensions, copied.UnhandledCriticalExtensions = nil, nil
	for _, extension := range c.Extensions {
		if !extension.Id.Equal(pki.OIDNameConstraints) {
			copied.Extensions = append(copied.Extensions, extension)
		}
	}
	for _, id := range c.UnhandledCriticalExtensions {
		if !id.Equal(pki.OIDNameConstraints) {
			copied.UnhandledCriticalExtensions = append(copied.UnhandledCriticalExtensions, id)
		}
	}
	return &copied
}
