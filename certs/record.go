package certs

import (
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"certgen/certs/pki"
)

// Record is a [Request] in a form that can be kept as JSON beside its certificate, so that the same can be issued again. Its
// fields are those of cert-manager's CertificateSpec, and what it leaves out means the same as in a [Spec]. When the
// certificate is due is not in it, nor is any key.
type Record struct {
	LiteralSubject  string           `json:"literalSubject,omitempty"`
	DNSNames        []string         `json:"dnsNames,omitempty"`
	IPAddresses     []string         `json:"ipAddresses,omitempty"`
	URIs            []string         `json:"uris,omitempty"`
	EmailAddresses  []string         `json:"emailAddresses,omitempty"`
	OtherNames      []OtherName      `json:"otherNames,omitempty"`
	Duration        string           `json:"duration,omitempty"` // as a Go duration; "" where nobody asked for one
	PrivateKey      RecordedKey      `json:"privateKey"`
	Usages          []string         `json:"usages,omitempty"`
	IsCA            bool             `json:"isCA,omitempty"`
	PathLength      *int             `json:"pathLength,omitempty"`
	NameConstraints *NameConstraints `json:"nameConstraints,omitempty"`
	AsWritten       bool             `json:"asWritten,omitempty"`
}

// RecordedKey is the key that a [Record] wants.
type RecordedKey struct {
	Algorithm pki.KeyAlgorithm `json:"algorithm"`
	Size      int              `json:"size,omitempty"`
	Encoding  pki.KeyEncoding  `json:"encoding,omitempty"`
}

// Record returns what [Record.Request] makes the request of again. Names are in their alphabetical order, for they are sets.
func (r Request) Record() Record {
	record := Record{
		LiteralSubject: pki.FormatSubject(r.Subject),
		DNSNames:       slices.Sorted(slices.Values(r.DNSNames)),
		EmailAddresses: slices.Sorted(slices.Values(r.EmailAddresses)),
		OtherNames:     r.OtherNames,
		PrivateKey:     RecordedKey{r.Key.Algorithm, r.Key.Size, r.KeyEncoding},
		Usages:         pki.FormatUsages(r.KeyUsage, r.ExtKeyUsages),
		IsCA:           r.IsCA,
		PathLength:     r.PathLength,
		AsWritten:      r.AsWritten,
	}
	if len(r.IPAddresses) > 0 {
		record.IPAddresses = pki.Texts(r.IPAddresses)
		slices.Sort(record.IPAddresses)
	}
	if len(r.URIs) > 0 {
		record.URIs = pki.Texts(r.URIs)
		slices.Sort(record.URIs)
	}
	if r.Key.Algorithm == pki.Ed25519 {
		record.PrivateKey.Size = 0 // there is one alone
	}
	if r.DurationAsked {
		record.Duration = r.Duration.String()
	}
	record.NameConstraints = NewNameConstraints(r.NameConstraints)
	return record
}

// Request reads the request back, and checks it as [Spec.Request] does.
func (r Record) Request() (Request, error) {
	spec := Spec{
		LiteralSubject: r.LiteralSubject,
		DNSNames:       r.DNSNames,
		IPAddresses:    r.IPAddresses,
		URIs:           r.URIs,
		EmailAddresses: r.EmailAddresses,
		OtherNames:     r.OtherNames,
		Duration:       r.Duration,
		KeyAlgorithm:   string(r.PrivateKey.Algorithm),
		KeySize:        r.PrivateKey.Size,
		KeyEncoding:    r.PrivateKey.Encoding,
		Usages:         r.Usages,
		IsCA:           r.IsCA,
		PathLength:     r.PathLength,
		AsWritten:      r.AsWritten,

		NameConstraints: r.NameConstraints.Names(),
	}
	return spec.Request()
}

// RequestFor is what a certificate must have been asked for as, where nobody has kept that: the same names, subject, key,
// usages and life. keyPEM is its key, of which the encoding counts. The error says what of the certificate cannot be
// issued again.
func RequestFor(leaf *x509.Certificate, keyPEM []byte) (Request, error) {
	r := Request{
		DNSNames:       leaf.DNSNames,
		URIs:           leaf.URIs,
		EmailAddresses: leaf.EmailAddresses,
		Duration:       leaf.NotAfter.Sub(leaf.NotBefore),
		Key:            pki.KeySpecOf(leaf.PublicKey),
		KeyEncoding:    pki.KeyEncodingOf(keyPEM),
		KeyUsage:       leaf.KeyUsage,
		ExtKeyUsages:   leaf.ExtKeyUsage,
		IsCA:           leaf.BasicConstraintsValid && leaf.IsCA,
		AsWritten:      true,
	}
	if r.IsCA {
		r.PathLength, r.NameConstraints = pki.PathLengthOf(leaf), pki.NameConstraintsOf(leaf)
	}
	if _, err := asn1.Unmarshal(leaf.RawSubject, &r.Subject); err != nil {
		return Request{}, errors.New("its subject cannot be written again")
	}
	for _, ip := range leaf.IPAddresses {
		if addr, ok := netip.AddrFromSlice(ip); ok {
			r.IPAddresses = append(r.IPAddresses, addr.Unmap())
		}
	}
	if unknown := pki.UnknownUsages(leaf); len(unknown) > 0 {
		return Request{}, fmt.Errorf("its extended key usage %s is none that certgen writes", strings.Join(unknown, ", "))
	}
	if !slices.Contains(pki.KeyAlgorithms(), r.Key.Algorithm) {
		return Request{}, fmt.Errorf("its key, %s, is none that certgen makes", pki.KeyName(leaf))
	}
	var err error
	r.OtherNames, err = otherNamesOf(leaf.Extensions)
	return r, err
}

// otherNamesOf reads the names of other kinds in a certificate.
func otherNamesOf(extensions []pkix.Extension) (names []OtherName, err error) {
	for _, der := range otherNames(extensions) {
		var name struct {
			Type  asn1.ObjectIdentifier
			Value string `asn1:"utf8,explicit,tag:0"`
		}
		if _, err := asn1.UnmarshalWithParams([]byte(der), &name, "tag:0"); err != nil {
			return nil, errors.New("one of its names is of a kind that cannot be written again")
		}
		names = append(names, OtherName{name.Type.String(), name.Value})
	}
	return names, nil
}
