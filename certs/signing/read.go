package signing

import (
	"bytes"
	"crypto/x509"
	"encoding/asn1"
	"encoding/pem"
	"errors"
	"fmt"
	"slices"
	"strings"

	"certgen/certs/pki"
)

// Read reads the one request in data, PEM or DER. Its signature is checked: who made it has the key.
func Read(data []byte) (*x509.CertificateRequest, error) {
	der := data
	if text := pki.AsText(data); bytes.Contains(text, []byte(pki.PEMBegin)) {
		var err error
		if der, err = only(text); err != nil {
			return nil, err
		}
	}
	csr, err := x509.ParseCertificateRequest(der)
	if err != nil {
		return nil, pki.WithHint(fmt.Errorf("not a certificate request: %w", err), "certgen create NAME --dns HOST -o csr --key-out tls.key makes one")
	}
	if !slices.Contains(pki.KeyAlgorithms(), pki.KeySpecOf(csr.PublicKey).Algorithm) {
		return nil, pki.WithHint(errors.New("its key is of a kind that certgen does not certify"), "the kinds are ECDSA, RSA and Ed25519")
	}
	if err := csr.CheckSignature(); err != nil {
		return nil, fmt.Errorf("it is not signed with its own key, so nobody has shown to have that: %w", err)
	}
	return csr, nil
}

// only returns the one request in PEM.
func only(text []byte) (der []byte, err error) {
	for {
		block, rest := pem.Decode(text)
		switch {
		case block == nil && der == nil:
			return nil, errors.New("no certificate request in it")
		case block == nil:
			return der, nil
		case strings.HasSuffix(block.Type, "CERTIFICATE REQUEST") && der != nil: // NEW CERTIFICATE REQUEST, too
			return nil, pki.WithHint(errors.New("more than one certificate request in it"), "keep each in a file of its own")
		case strings.HasSuffix(block.Type, "CERTIFICATE REQUEST"):
			der = block.Bytes
		}
		text = rest
	}
}

// FieldExtension is the field that problems of what a request asks for beside names name.
const FieldExtension pki.Field = "extension"

// extensionProblems are the extensions that a CA must not pass on unread: a wish to be a CA, names of other kinds, and
// what is not known here.
func extensionProblems(csr *x509.CertificateRequest) (problems pki.Problems) {
	problem := func(field pki.Field, value, reason, hint string) {
		problems = append(problems, pki.Problem{Field: field, Value: value, Reason: reason, Hint: hint})
	}
	for _, ext := range csr.Extensions {
		switch id := ext.Id; {
		case id.Equal(pki.OIDKeyUsage), id.Equal(pki.OIDExtKeyUsage), id.Equal(pki.OIDSubjectKeyID): // the CA's choice
		case id.Equal(pki.OIDBasicConstraints):
			var constraints struct {
				IsCA       bool `asn1:"optional"`
				PathLength int  `asn1:"optional,default:-1"`
			}
			if rest, err := asn1.Unmarshal(ext.Value, &constraints); err != nil || len(rest) > 0 {
				problem(FieldExtension, "basic constraints", "damaged", "")
			} else if constraints.IsCA {
				problem(pki.FieldIsCA, "true", "the request asks for the certificate of a CA", "certgen ca create NAME --ca-cert CA makes a CA below another")
			}
		case id.Equal(pki.OIDSubjectAltName):
			if named := len(csr.DNSNames) + len(csr.IPAddresses) + len(csr.URIs) + len(csr.EmailAddresses); namesIn(ext.Value) != named {
				problem(FieldExtension, "subject alternative name", "holds names that are neither hosts, addresses, URIs nor mailboxes", "")
			}
		default:
			problem(FieldExtension, id.String(), "certgen does not know what it would certify by that", "make the request without it")
		}
	}
	return problems
}

// namesIn counts the names of any kind in an encoded subject alternative name; -1 where it is damaged.
func namesIn(value []byte) int {
	var names []asn1.RawValue
	if rest, err := asn1.Unmarshal(value, &names); err != nil || len(rest) > 0 {
		return -1
	}
	return len(names)
}
