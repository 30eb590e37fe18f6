package certs

import (
	"crypto/x509/pkix"
	"encoding/asn1"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"

	"certgen/certs/pki"
)

// OtherName is a name of a kind of its own: RFC 5280, section 4.2.1.6. Active Directory's user principal name is one.
type OtherName struct {
	OID       string `json:"oid"`
	UTF8Value string `json:"utf8Value"`
}

// problem is what is wrong with the name, if anything is.
func (n OtherName) problem() (pki.Problem, bool) {
	p := pki.Problem{Field: fieldOtherNames, Value: n.OID}
	switch _, err := n.der(); {
	case n.OID == "":
		p.Reason = "oid is not set"
	case n.UTF8Value == "" || !utf8.ValidString(n.UTF8Value):
		p.Reason = "utf8Value must be UTF-8 text and not be empty"
	case err != nil:
		p.Reason = "not an object identifier"
	default:
		return p, false
	}
	return p, true
}

// der encodes the name as a GeneralName.
func (n OtherName) der() ([]byte, error) {
	oid, err := parseOID(n.OID)
	if err != nil {
		return nil, err
	}
	value, err := asn1.MarshalWithParams(n.UTF8Value, "utf8")
	if err != nil {
		return nil, err
	}
	explicit := asn1.RawValue{Tag: 0, Class: asn1.ClassContextSpecific, IsCompound: true, Bytes: value}
	return asn1.MarshalWithParams(struct {
		Type  asn1.ObjectIdentifier
		Value asn1.RawValue
	}{oid, explicit}, "tag:0")
}

// parseOID reads an object identifier in dotted form.
func parseOID(text string) (oid asn1.ObjectIdentifier, err error) {
	for part := range strings.SplitSeq(text, ".") {
		arc, err := strconv.Atoi(part)
		if err != nil || arc < 0 || strconv.Itoa(arc) != part {
			return nil, fmt.Errorf("%q is not an object identifier", text)
		}
		oid = append(oid, arc)
	}
	if len(oid) < 2 {
		return nil, fmt.Errorf("%q is not an object identifier", text)
	}
	return oid, nil
}

// subjectAltName encodes all names of r, as crypto/x509 does, which has no other names, and these behind them. It is critical
// where there is no subject.
func (r Request) subjectAltName() (pkix.Extension, error) {
	var names []asn1.RawValue
	add := func(tag int, value []byte) {
		names = append(names, asn1.RawValue{Tag: tag, Class: asn1.ClassContextSpecific, Bytes: value})
	}
	for _, name := range r.DNSNames {
		add(2, []byte(name))
	}
	for _, email := range r.EmailAddresses {
		add(1, []byte(email))
	}
	for _, addr := range r.IPAddresses {
		add(7, addr.AsSlice())
	}
	for _, uri := range r.URIs {
		add(6, []byte(uri.String()))
	}
	for _, other := range r.OtherNames {
		der, err := other.der()
		if err != nil {
			return pkix.Extension{}, fmt.Errorf("encode the name of kind %s: %w", other.OID, err)
		}
		names = append(names, asn1.RawValue{FullBytes: der})
	}
	der, err := asn1.Marshal(names)
	return pkix.Extension{Id: pki.OIDSubjectAltName, Critical: len(r.Subject) == 0, Value: der}, err
}

// otherNames are the names in a certificate that crypto/x509 passes over, as they are encoded.
func otherNames(extensions []pkix.Extension) (found []string) {
	names := pki.Extension(extensions, pki.OIDSubjectAltName)
	if names == nil {
		return nil
	}
	var all []asn1.RawValue
	if _, err := asn1.Unmarshal(names.Value, &all); err != nil {
		return nil
	}
	for _, name := range all {
		if name.Class == asn1.ClassContextSpecific && name.Tag == 0 {
			found = append(found, string(name.FullBytes))
		}
	}
	return found
}

// encodedOtherNames are r's names of other kinds as [otherNames] finds them in a certificate.
func (r Request) encodedOtherNames() (encoded []string) {
	for _, name := range r.OtherNames {
		der, _ := name.der() // a Request's names can be encoded
		encoded = append(encoded, string(der))
	}
	return encoded
}
