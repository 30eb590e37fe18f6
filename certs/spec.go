package certs

import (
	"cmp"
	"crypto/x509"
	"crypto/x509/pkix"
	"net/netip"
	"net/url"
	"slices"
	"time"

	"certgen/certs/pki"
	"certgen/certs/renewal"
)

// Spec says what certificate is wanted, as a person or a file wrote it. Its fields mean what those of
// cert-manager's Certificate mean; an empty one means the default.
type Spec struct {
	// Name is what the certificate is kept under, such as the Secret's name. It is the common name of
	// last resort and certifies nothing.
	Name string

	LiteralSubject string           // a whole distinguished name, as [pki.ParseSubject] reads it; instead of CommonName
	Subject        pkix.RDNSequence // the same, encoded in this order; instead of both
	CommonName     string

	DNSNames       []string
	IPAddresses    []string
	URIs           []string
	EmailAddresses []string
	OtherNames     []OtherName

	Duration string // as [pki.ParseDuration] reads it; the default is [pki.DefaultDuration], of a CA [pki.DefaultAuthorityDuration]

	// When the certificate is due, as in [renewal.Parse]; the default is when a third of its life is left.
	RenewBefore           string // how long before its end
	RenewBeforePercentage *int   // how much of its life is left then; instead of RenewBefore
	Renewal               *renewal.Spec

	KeyAlgorithm string // "rsa", "ecdsa" (the default) or "ed25519"
	KeySize      int    // bits; 0 means the algorithm's default
	KeyEncoding  pki.KeyEncoding

	Usages []string // cert-manager's names; the default is server auth with the key usages TLS needs, of a CA cert sign and crl sign

	IsCA            bool                // it signs others: no names are needed, and the defaults are a CA's
	PathLength      *int                // of a CA: how many CAs may stand below it in a chain; nil is no bound
	NameConstraints pki.NameConstraints // of a CA

	// AsWritten takes names, subject and usages as they are written, as cert-manager does, and nothing is completed for a
	// TLS server: no common name of last resort, no extended key usage, and any key enciphers.
	AsWritten bool
}

// Request is a [Spec] that has been checked, parsed and completed: what an [Issuer] signs.
type Request struct {
	Subject        pkix.RDNSequence
	DNSNames       []string // as [pki.ParseDNSName] returns them
	IPAddresses    []netip.Addr
	URIs           []*url.URL
	EmailAddresses []string
	OtherNames     []OtherName

	Duration      time.Duration // from notBefore to notAfter
	DurationAsked bool          // the Spec named a duration, so no issuer may cut it
	Renewal       renewal.Policy

	Key          pki.KeySpec
	KeyEncoding  pki.KeyEncoding
	KeyUsage     x509.KeyUsage
	ExtKeyUsages []x509.ExtKeyUsage

	IsCA            bool
	PathLength      *int
	NameConstraints pki.NameConstraints // as [pki.NameConstraints.Parse] returns them

	AsWritten bool // as the [Spec] says: names are not held against what a client can match
}

// Request checks the whole spec and completes it. The error is [pki.Problems]: all that is wrong at once.
//
// The subject is the one asked for; else its common name is the first host of at most 64 characters,
// else the spec's Name. It is never empty, because an empty subject of a self-signed certificate is an
// empty issuer, which RFC 5280 forbids. A common name that is a host is certified too.
func (s Spec) Request() (Request, error) {
	if s.AsWritten {
		return s.asWritten()
	}
	var r Request
	var problems pki.Problems
	note := func(field pki.Field, err error) {
		p := err.(pki.Problem) // the parsers in this package return nothing else
		p.Field = field
		problems = append(problems, p)
	}
	for _, text := range s.DNSNames {
		if name, err := pki.ParseDNSName(text); err != nil {
			note(pki.FieldDNSNames, err)
		} else {
			r.addDNSName(name)
		}
	}
	for _, text := range s.IPAddresses {
		if addr, err := pki.ParseIP(text); err != nil {
			note(pki.FieldIPAddresses, err)
		} else {
			r.addIPAddress(addr)
		}
	}
	for _, text := range s.URIs {
		if uri, err := pki.ParseURI(text); err != nil {
			note(pki.FieldURIs, err)
		} else if !slices.ContainsFunc(r.URIs, func(u *url.URL) bool { return u.String() == uri.String() }) {
			r.URIs = append(r.URIs, uri)
		}
	}
	for _, text := range s.EmailAddresses {
		if email, err := pki.ParseEmail(text); err != nil {
			note(pki.FieldEmailAddresses, err)
		} else if !slices.Contains(r.EmailAddresses, email) {
			r.EmailAddresses = append(r.EmailAddresses, email)
		}
	}
	if err := r.setSubject(s); err != nil {
		note(cmp.Or(err.(pki.Problem).Field, pki.FieldSubject), err)
	}
	problems = append(problems, r.setAuthority(s)...)
	if len(problems) == 0 && !s.IsCA && len(r.DNSNames)+len(r.IPAddresses)+len(r.URIs)+len(r.EmailAddresses) == 0 {
		problems = append(problems, pki.Problem{Field: pki.FieldDNSNames,
			Reason: "nothing to certify: no host, address, URI or e-mail address is named",
			Hint:   "name a Service with --service or hosts with --dns"})
	}

	problems = append(problems, r.setLife(s, pki.ParseLife, cmp.Or(s.Duration, s.defaultDuration()), s.RenewBefore)...)
	ps := r.setKey(s)
	problems = append(problems, ps...)
	if len(ps) == 0 {
		r.KeyUsage, r.ExtKeyUsages, ps = s.parseUsages(r.Key.Algorithm)
		problems = append(problems, ps...)
	}
	return r, problems.Err()
}

// parseLife is [pki.ParseLife] or [pki.ParseLifeAsWritten].
type parseLife func(duration, renewBefore string) (life, before time.Duration, problems pki.Problems)

// setLife checks how long the certificate lives and when it is due; duration and renewBefore are those of s, completed.
func (r *Request) setLife(s Spec, parse parseLife, duration, renewBefore string) pki.Problems {
	life, before, problems := parse(duration, renewBefore)
	r.Duration, r.DurationAsked = life, s.Duration != ""
	policy, more := renewal.Parse(life, before, s.RenewBeforePercentage, s.Renewal)
	r.Renewal = policy
	return append(problems, more...)
}

// setKey checks what key is wanted.
func (r *Request) setKey(s Spec) pki.Problems {
	key, problems := pki.ParseKeySpec(s.KeyAlgorithm, s.KeySize)
	r.Key, r.KeyEncoding = key, s.KeyEncoding
	return problems
}

func (r *Request) addDNSName(name string) {
	if !slices.Contains(r.DNSNames, name) {
		r.DNSNames = append(r.DNSNames, name)
	}
}

func (r *Request) addIPAddress(addr netip.Addr) {
	if !slices.Contains(r.IPAddresses, addr) {
		r.IPAddresses = append(r.IPAddresses, addr)
	}
}

// setSubject chooses the subject; see [Spec.Request].
func (r *Request) setSubject(s Spec) error {
	switch {
	case s.LiteralSubject != "" && s.CommonName != "":
		return pki.Problem{Field: pki.FieldCommonName, Value: s.CommonName, Reason: "a whole subject is given as well", Hint: "put the common name into the subject: CN=…"}
	case s.LiteralSubject != "":
		subject, err := pki.ParseSubject(s.LiteralSubject)
		if err != nil {
			return err
		}
		r.Subject = subject
	case s.CommonName != "":
		if err := (pki.Attribute{Keyword: "CN", Max: pki.MaxCommonName}).Check(s.CommonName); err != nil {
			return pki.Problem{Field: pki.FieldCommonName, Value: s.CommonName, Reason: err.Error(), Hint: "name a long host with --dns: it needs no common name"}
		}
		r.Subject = nameWith(s.CommonName)
	default:
		r.Subject = nameWith(r.defaultCommonName(s.Name))
		return nil
	}
	if s.IsCA {
		return nil // its name is nobody's address
	}
	cn := pki.CommonName(r.Subject)
	if name, err := pki.ParseDNSName(cn); err == nil {
		r.addDNSName(name)
	} else if addr, err := pki.ParseIP(cn); err == nil {
		r.addIPAddress(addr)
	}
	return nil
}

func (r *Request) defaultCommonName(name string) string {
	for _, host := range append(r.Hosts(), name) {
		if host != "" && len(host) <= pki.MaxCommonName {
			return host
		}
	}
	return name[:min(len(name), pki.MaxCommonName)]
}

// nameWith makes a subject of a common name alone.
func nameWith(cn string) pkix.RDNSequence {
	return pkix.RDNSequence{{{Type: pki.OIDCommonName, Value: cn}}}
}
