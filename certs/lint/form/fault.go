package form

import (
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"fmt"

	"certgen/certs/pki"
)

// Fault is one thing that is wrong with a certificate.
type Fault struct {
	ID     string // of the rule
	Detail string // with the name of the certificate in it
}

// Role is what a certificate is for, which decides what it must have.
type Role int

// A Leaf is a server's or a client's own certificate, an Issuer is a CA's below a root, and an Anchor is a root.
const (
	Leaf Role = iota
	Issuer
	Anchor
)

// The ids of the faults.
const (
	KeyIdentifier       = "ca-key-identifier"
	AuthorityKeyID      = "authority-key-id"
	IssuerKeyMismatch   = "issuer-key-mismatch"
	BasicConstraints    = "ca-basic-constraints"
	CAKeyUsage          = "ca-key-usage"
	CAKeyUsageMissing   = "ca-key-usage-missing"
	CASubject           = "ca-subject"
	SigningLeaf         = "signing-leaf"
	EmptyUsages         = "empty-extended-key-usage"
	NameConstraints     = "name-constraints"
	ConstraintsOptional = "name-constraints-critical"
	PolicyConstraints   = "policy-constraints"
	AlternativeNames    = "alternative-names"
	HostSyntax          = "host-syntax"
	Wildcard            = "wildcard"
	CommonName          = "common-name"
	SerialNumber        = "serial-number"
	DateEncoding        = "date-encoding"
	ReversedDates       = "reversed-dates"
	OutlivesIssuer      = "outlives-issuer"
	CriticalUnknown     = "critical-extension"
	ROCA                = "roca"
	DeceptiveName       = "deceptive-name"
	BaselineRequirement = "baseline"
)

var (
	oidKeyUsage          = asn1.ObjectIdentifier{2, 5, 29, 15}
	oidSAN               = asn1.ObjectIdentifier{2, 5, 29, 17}
	oidBasicConstraints  = asn1.ObjectIdentifier{2, 5, 29, 19}
	oidNameConstraints   = asn1.ObjectIdentifier{2, 5, 29, 30}
	oidAKI               = asn1.ObjectIdentifier{2, 5, 29, 35}
	oidPolicyConstraints = asn1.ObjectIdentifier{2, 5, 29, 36}
	oidExtendedKeyUsage  = asn1.ObjectIdentifier{2, 5, 29, 37}
)

// extensionOf returns an extension of c, nil where it has none with this id.
func extensionOf(c *x509.Certificate, id asn1.ObjectIdentifier) *pkix.Extension {
	for i := range c.Extensions {
		if c.Extensions[i].Id.Equal(id) {
			return &c.Extensions[i]
		}
	}
	return nil
}

// faults collects those of one certificate.
type faults []Fault

func (f *faults) add(id, format string, args ...any) {
	*f = append(*f, Fault{id, fmt.Sprintf(format, args...)})
}

// certName is what people call a certificate, put together only where a fault is to be told: most certificates have none.
type certName struct{ of *x509.Certificate }

func (n certName) String() string { return pki.CertName(n.of) }
