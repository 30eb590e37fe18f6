package form

import (
	"crypto/x509"
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

// faults collects those of one certificate.
type faults []Fault

func (f *faults) add(id, format string, args ...any) {
	*f = append(*f, Fault{id, fmt.Sprintf(format, args...)})
}

// certName is what people call a certificate, put together only where a fault is to be told: most certificates have none.
type certName struct{ of *x509.Certificate }

func (n certName) String() string { return pki.CertName(n.of) }
