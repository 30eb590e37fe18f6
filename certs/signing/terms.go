package signing

import (
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"fmt"
	"slices"
	"strings"

	"certgen/certs"
	"certgen/certs/pki"
)

// Terms are those of a CA for requests of others.
type Terms struct {
	Allowed     Allowed
	KeepSubject bool     // take the whole subject, not only the common name
	Usages      []string // as [certs.Spec] has them
	Duration    string
	RenewBefore string
}

// Request returns what is signed of a request that was read under a name, and what its owner should know. The error is
// [pki.Problems]: all that is wrong with it at once.
func (t Terms) Request(name string, csr *x509.CertificateRequest) (r certs.Request, notes []string, err error) {
	problems := extensionProblems(csr)
	subject, err := subjectOf(csr)
	if err != nil {
		problems = append(problems, pki.Problem{Field: pki.FieldSubject, Reason: "damaged: " + err.Error()})
	}
	key := pki.KeySpecOf(csr.PublicKey)
	spec := certs.Spec{
		Name:           name,
		DNSNames:       csr.DNSNames,
		IPAddresses:    pki.IPTexts(csr.IPAddresses),
		URIs:           pki.Texts(csr.URIs),
		EmailAddresses: csr.EmailAddresses,
		KeyAlgorithm:   strings.ToLower(string(key.Algorithm)),
		KeySize:        key.Size,
		Usages:         t.Usages,
		Duration:       t.Duration,
		RenewBefore:    t.RenewBefore,
	}
	cn := pki.CommonName(subject)
	switch {
	case t.KeepSubject:
		problems = append(problems, t.Allowed.subjectProblems(subject)...)
		spec.CommonName = cn
	case cn != "" && t.certifies(csr, cn):
		spec.CommonName = cn
	}
	if named := len(spec.DNSNames) + len(spec.IPAddresses) + len(spec.URIs) + len(spec.EmailAddresses); named == 0 && spec.CommonName == "" {
		problems = append(problems, pki.Problem{Field: pki.FieldDNSNames, Reason: "the request names no host, address, URI or mailbox",
			Hint: "a common name that is a host is certified where a rule allows it"})
	} else if r, err = spec.Request(); err != nil {
		problems = append(problems, err.(pki.Problems)...) // it returns nothing else
	}
	problems = append(problems, t.Allowed.problems(csr)...)
	if len(problems) > 0 {
		return certs.Request{}, nil, problems
	}
	r.Key = key // of a size that certgen would not make, too
	if t.KeepSubject && len(subject) > 0 {
		r.Subject = subject
	}
	if from, to := pki.FormatSubject(subject), pki.FormatSubject(r.Subject); from != to && from != "" {
		notes = append(notes, fmt.Sprintf("the request's subject %s is not certified, but %s; --keep-subject keeps it", from, to))
	}
	return r, append(notes, usageNotes(csr, r)...), nil
}

// subjectOf decodes the subject of a request.
func subjectOf(csr *x509.CertificateRequest) (subject pkix.RDNSequence, err error) {
	_, err = asn1.Unmarshal(csr.RawSubject, &subject)
	return subject, err
}

// certifies reports whether a common name is one of the request's names, or a host that may be added to them.
func (t Terms) certifies(csr *x509.CertificateRequest, cn string) bool {
	if slices.ContainsFunc(csr.DNSNames, func(name string) bool { return strings.EqualFold(name, cn) }) || slices.Contains(pki.IPTexts(csr.IPAddresses), cn) {
		return true
	}
	return t.Allowed.hostOrAddress(cn)
}

// usageNotes names the extended key usages that a request asks for and does not get.
func usageNotes(csr *x509.CertificateRequest, r certs.Request) []string {
	usages := pki.Extension(csr.Extensions, pki.OIDExtKeyUsage)
	if usages == nil {
		return nil
	}
	var wanted []asn1.ObjectIdentifier
	if rest, err := asn1.Unmarshal(usages.Value, &wanted); err != nil || len(rest) > 0 {
		return []string{"the request's extended key usage is damaged, and was not looked at"}
	}
	given := map[string]bool{}
	for _, usage := range r.ExtKeyUsages {
		given[usage.OID().String()] = true
	}
	var refused []string
	for _, oid := range wanted {
		if !given[oid.String()] {
			refused = append(refused, pki.UsageName(oid))
		}
	}
	if len(refused) == 0 {
		return nil
	}
	return []string{fmt.Sprintf("the request asks for the usage %s, too, which it does not get; --usages gives it", pki.List(refused))}
}
