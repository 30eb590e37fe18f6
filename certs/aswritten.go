package certs

import (
	"cmp"
	"crypto/x509"
	"fmt"
	"net/mail"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"time"

	"certgen/certs/pki"
)

// asWrittenDuration is cert-manager's default:
// https://cert-manager.io/docs/reference/api-docs/#cert-manager.io/v1.CertificateSpec
const asWrittenDuration = 90 * pki.Day

// The fields of a name that no flag asks for.
const (
	fieldOtherNames     pki.Field = "otherNames"
	fieldLiteralSubject pki.Field = "literalSubject"
)

// asWritten is [Spec.Request] for a spec that says all of what it wants. Names are held only against what a certificate can
// hold; whether clients match them is found when the certificate is checked.
func (s Spec) asWritten() (Request, error) {
	r := Request{AsWritten: true}
	var problems pki.Problems
	problem := func(field pki.Field, value, reason, hint string) {
		problems = append(problems, pki.Problem{Field: field, Value: value, Reason: reason, Hint: hint})
	}
	for _, name := range s.DNSNames {
		if reason := unwritable(name); reason != "" {
			problem(pki.FieldDNSNames, name, reason, punycodeHint(name))
		}
		r.DNSNames = append(r.DNSNames, name)
	}
	for _, text := range s.IPAddresses {
		addr, err := netip.ParseAddr(text)
		if err != nil || addr.Zone() != "" {
			problem(pki.FieldIPAddresses, text, "not an IP address", "")
		}
		r.IPAddresses = append(r.IPAddresses, addr.Unmap())
	}
	for _, text := range s.URIs {
		uri, err := url.Parse(text)
		switch reason := unwritable(text); {
		case reason != "" || err != nil || emptyLabel(uri.Hostname()):
			problem(pki.FieldURIs, text, cmp.Or(reason, "not a URI"), "")
			continue
		case uri.String() != text: // of which cert-manager makes requests for ever
			problem(pki.FieldURIs, text, "not in its normal form", fmt.Sprintf("write %q", uri))
		}
		r.URIs = append(r.URIs, uri)
	}
	for _, text := range s.EmailAddresses {
		if parsed, err := mail.ParseAddress(text); err != nil || parsed.Address != text || unwritable(text) != "" {
			problem(pki.FieldEmailAddresses, text, "not an e-mail address alone", `such as "ops@example.com"`)
		}
		r.EmailAddresses = append(r.EmailAddresses, text)
	}
	for _, name := range s.OtherNames {
		if p, bad := name.problem(); bad {
			problems = append(problems, p)
		}
		r.OtherNames = append(r.OtherNames, name)
	}
	problems = append(problems, r.setSubjectAsWritten(s)...)
	if len(r.DNSNames)+len(r.IPAddresses)+len(s.URIs)+len(r.EmailAddresses)+len(r.OtherNames) == 0 && pki.CommonName(r.Subject) == "" && len(problems) == 0 {
		problem(pki.FieldCommonName, "", "nothing to certify: at least one of commonName, dnsNames, uris, emailAddresses, ipAddresses and otherNames must be set", "")
	}

	problems = append(problems, r.setLife(s, pki.ParseLifeAsWritten, inSeconds(cmp.Or(s.Duration, asWrittenDuration.String()), 0), inSeconds(s.RenewBefore, time.Second-1))...)
	problems = append(problems, r.setKey(s)...)
	var ps pki.Problems
	r.KeyUsage, r.ExtKeyUsages, ps = pki.ParseUsagesAsWritten(s.Usages)
	problems = append(problems, ps...)
	problems = append(problems, r.setAuthority(s)...)
	if s.IsCA {
		r.KeyUsage |= x509.KeyUsageCertSign
	}
	return r, problems.Err()
}

// inSeconds writes a duration in whole seconds, to which certificates and cert-manager cut their dates: more is added to
// one that has a fraction, so that a time before an end, which is cut as well, is the same. What is no duration stays.
func inSeconds(text string, more time.Duration) string {
	d, err := pki.ParseDuration(text)
	if err != nil || d%time.Second == 0 || d < time.Minute*5 { // which is too short for both
		return text
	}
	return (d + more).Truncate(time.Second).String()
}

// setSubjectAsWritten takes the subject as it is; there may be none.
func (r *Request) setSubjectAsWritten(s Spec) pki.Problems {
	switch {
	case s.Subject != nil:
		r.Subject = s.Subject
	case s.LiteralSubject != "":
		subject, err := pki.ParseSubject(s.LiteralSubject)
		if err != nil {
			p := err.(pki.Problem) // ParseSubject returns nothing else
			p.Field = fieldLiteralSubject
			return pki.Problems{p}
		}
		r.Subject = subject
	case s.CommonName != "":
		r.Subject = nameWith(s.CommonName)
	}
	if cn := pki.CommonName(r.Subject); len(cn) > pki.MaxCommonName {
		return pki.Problems{{Field: pki.FieldCommonName, Value: cn, Reason: fmt.Sprintf("%d bytes, at most %d are allowed", len(cn), pki.MaxCommonName), Hint: "name a long host in dnsNames: it needs no common name"}}
	}
	return nil
}

// unwritable says why a name cannot stand in a certificate, "" where it can.
func unwritable(name string) string {
	switch {
	case name == "":
		return "empty"
	case strings.ContainsFunc(name, func(r rune) bool { return r > 0x7e }):
		return "only ASCII can stand in a certificate"
	case strings.ContainsFunc(name, func(r rune) bool { return r <= ' ' }):
		return "white space and control characters do not belong in it"
	}
	return ""
}

// emptyLabel reports whether a host has dots with nothing between them, or at an end.
func emptyLabel(host string) bool {
	return host != "" && slices.Contains(strings.Split(host, "."), "")
}

// punycodeHint offers a name as it would have to be written, "" where that is not plain.
func punycodeHint(name string) string {
	ascii, err := pki.ParseDNSName(name)
	if err != nil || ascii == name {
		return ""
	}
	return fmt.Sprintf("write %q", ascii)
}

// PEM renders a pair with its key in the encoding that r asks for.
func (r Request) PEM(pair *pki.KeyPair) (pki.PEM, error) {
	text, err := pair.PEM()
	if err == nil && r.KeyEncoding == pki.PKCS1 {
		text.Key, err = pki.EncodeKeyAs(pair.Key, r.KeyEncoding)
	}
	return text, err
}

// reencode returns text, which holds the pair, with its key in the encoding that r asks for, if it asks for one.
func (r Request) reencode(pair *pki.KeyPair, text pki.PEM) pki.PEM {
	if r.KeyEncoding == "" || pki.KeyEncodingOf(text.Key) == r.KeyEncoding {
		return text
	}
	if key, err := pki.EncodeKeyAs(pair.Key, r.KeyEncoding); err == nil { // a key that was read can be written
		text.Key = key
	}
	return text
}
