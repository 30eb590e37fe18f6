package signing

import (
	"crypto/x509"
	"crypto/x509/pkix"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"certgen/certs/pki"
)

// FieldAllow is the field that problems of a rule name.
const FieldAllow pki.Field = "allow"

// Allowed are rules that say which names may be certified. The zero value allows none.
type Allowed struct {
	any      bool
	exact    []string       // host names, e-mail addresses and URIs
	domains  []string       // ".example.com": every host below
	ranges   []netip.Prefix // addresses
	hosts    []string       // "@example.com": every mailbox there
	prefixes []string       // "spiffe://example.com/ns/": every URI that begins so
}

// ParseAllowed reads rules, one a text:
//
//	web.example.com            this host
//	.example.com               every host below, wildcards too, but not example.com itself
//	192.0.2.7, 10.0.0.0/8      this address, or every one of the range
//	spiffe://example.com/a     this URI
//	spiffe://example.com/ns/*  every URI that begins so
//	ops@example.com            this mailbox
//	@example.com               every mailbox there
//	*                          every name
//
// The error is [pki.Problems].
func ParseAllowed(rules []string) (Allowed, error) {
	var a Allowed
	var problems pki.Problems
	for _, rule := range rules {
		if err := a.add(rule); err != nil {
			p, ok := err.(pki.Problem)
			if !ok {
				p = pki.Problem{Reason: err.Error()}
			}
			p.Field, p.Value = FieldAllow, rule
			problems = append(problems, p)
		}
	}
	return a, problems.Err()
}

func (a *Allowed) add(rule string) error {
	uri, begins := strings.CutSuffix(rule, "*")
	switch {
	case rule == "*":
		a.any = true
	case strings.Contains(rule, "://") && begins:
		// A prefix that ends within a host or a path segment would let in its neighbours, such as example.com.evil.
		if !strings.HasSuffix(uri, "/") || strings.Count(uri, "/") < 3 {
			return pki.Problem{Reason: "a URI with * must end in /*, behind its host", Hint: "such as spiffe://example.com/ns/shop/*"}
		}
		parsed, err := pki.ParseURI(uri)
		if err != nil {
			return err
		}
		a.prefixes = append(a.prefixes, parsed.String())
	case strings.Contains(rule, "://"):
		parsed, err := pki.ParseURI(rule)
		if err != nil {
			return err
		}
		a.exact = append(a.exact, parsed.String())
	case strings.Contains(rule, "/"):
		prefix, err := netip.ParsePrefix(rule)
		if err != nil || prefix.Addr().Is4In6() { // addresses are compared as IPv4 where they are
			return pki.Problem{Reason: "not a range of addresses", Hint: "such as 10.0.0.0/8 or 2001:db8::/32"}
		}
		a.ranges = append(a.ranges, prefix.Masked())
	case strings.HasPrefix(rule, "@"):
		host, err := pki.ParseDNSName(rule[1:])
		if err != nil {
			return err
		}
		a.hosts = append(a.hosts, "@"+host)
	case strings.Contains(rule, "@"):
		mailbox, err := pki.ParseEmail(rule)
		if err != nil {
			return err
		}
		a.exact = append(a.exact, mailbox)
	case strings.HasPrefix(rule, "."):
		domain, err := pki.ParseDNSName(rule[1:])
		if err != nil {
			return err
		}
		a.domains = append(a.domains, "."+domain)
	default:
		if addr, err := pki.ParseIP(rule); err == nil {
			a.ranges = append(a.ranges, netip.PrefixFrom(addr, addr.BitLen()))
			return nil
		}
		host, err := pki.ParseDNSName(rule)
		if err != nil {
			return err
		}
		a.exact = append(a.exact, host)
	}
	return nil
}

// host reports whether a DNS name is allowed; a wildcard is one more label below.
func (a Allowed) host(name string) bool {
	name = strings.ToLower(name)
	return a.any || slices.Contains(a.exact, name) ||
		slices.ContainsFunc(a.domains, func(domain string) bool { return strings.HasSuffix(name, domain) })
}

func (a Allowed) address(addr netip.Addr) bool {
	return a.any || slices.ContainsFunc(a.ranges, func(p netip.Prefix) bool { return p.Contains(addr) })
}

func (a Allowed) mailbox(address string) bool {
	at := strings.LastIndexByte(address, '@')
	return a.any || slices.Contains(a.exact, address) ||
		at >= 0 && slices.Contains(a.hosts, strings.ToLower(address[at:]))
}

// uri reports whether a URI is allowed. One with dots for path segments means another than it seems to.
func (a Allowed) uri(text string) bool {
	path := text
	if end := strings.IndexAny(text, "?#"); end >= 0 {
		path = text[:end]
	}
	begins := func(prefix string) bool {
		rest, ok := strings.CutPrefix(path, prefix)
		return ok && rest != "" && !slices.ContainsFunc(strings.Split(strings.ToLower(rest), "/"), dots)
	}
	return a.any || slices.Contains(a.exact, text) || slices.ContainsFunc(a.prefixes, begins)
}

// dots reports whether a path segment, in small letters, means this folder or the one above.
func dots(segment string) bool {
	segment = strings.ReplaceAll(segment, "%2e", ".")
	return segment == "." || segment == ".." || strings.Contains(segment, "%2f") || strings.Contains(segment, "%5c")
}

// subjectProblems are the names in a subject that are not allowed: common names that are hosts or addresses, all of them,
// and mailboxes, which some clients look for there.
func (a Allowed) subjectProblems(subject pkix.RDNSequence) (problems pki.Problems) {
	for _, rdn := range subject {
		for _, attribute := range rdn {
			text := fmt.Sprint(attribute.Value)
			switch {
			case attribute.Type.Equal(pki.OIDCommonName) && isHost(text) && !a.hostOrAddress(text):
				problems = append(problems, refusal(pki.FieldCommonName, text, strings.TrimPrefix(text, "*")))
			case attribute.Type.Equal(pki.OIDEmailAddress) && !a.any:
				if _, err := pki.ParseEmail(text); err != nil || !a.mailbox(text) {
					problems = append(problems, refusal(pki.FieldEmailAddresses, text, text))
				}
			}
		}
	}
	return problems
}

// isHost reports whether a common name is a host or an address.
func isHost(cn string) bool {
	_, noHost := pki.ParseDNSName(cn)
	_, noAddress := pki.ParseIP(cn)
	return noHost == nil || noAddress == nil
}

// hostOrAddress reports whether a common name is one that is allowed.
func (a Allowed) hostOrAddress(cn string) bool {
	if addr, err := pki.ParseIP(cn); err == nil {
		return a.address(addr)
	}
	_, err := pki.ParseDNSName(cn)
	return err == nil && a.host(cn)
}

// refusal says that no rule allows a name, and which one would.
func refusal(field pki.Field, name, rule string) pki.Problem {
	return pki.Problem{Field: field, Value: name, Reason: "no rule allows it", Hint: fmt.Sprintf("--allow %s lets the CA certify it", rule)}
}

// problems are the names of a request that are not allowed.
func (a Allowed) problems(csr *x509.CertificateRequest) (problems pki.Problems) {
	refuse := func(field pki.Field, name, rule string) { problems = append(problems, refusal(field, name, rule)) }
	for _, name := range csr.DNSNames {
		if !a.host(name) {
			refuse(pki.FieldDNSNames, name, strings.TrimPrefix(name, "*"))
		}
	}
	for _, ip := range csr.IPAddresses {
		if addr, ok := netip.AddrFromSlice(ip); !ok || !a.address(addr.Unmap()) {
			refuse(pki.FieldIPAddresses, ip.String(), ip.String())
		}
	}
	for _, uri := range csr.URIs {
		if !a.uri(uri.String()) {
			refuse(pki.FieldURIs, uri.String(), uri.String())
		}
	}
	for _, mailbox := range csr.EmailAddresses {
		if !a.mailbox(mailbox) {
			refuse(pki.FieldEmailAddresses, mailbox, mailbox)
		}
	}
	return problems
}
