package certs

import (
	"crypto/x509"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"certgen/certs/chain"
	"certgen/certs/pki"
)

// nameConstraintProblems finds the names in r that c's name constraints ([RFC 5280, section 4.2.1.10])
// do not allow, all of them. [Issue] has the last word; this says it before a key is made, and
// says which constraint it is.
//
// A domain without a leading dot takes in the hosts below it where DNS names are meant. For URIs and
// mailboxes it is that host alone by the RFC and OpenSSL, while Go takes in the hosts below: so those
// are excluded with it, and not permitted by it.
//
// [RFC 5280, section 4.2.1.10]: https://www.rfc-editor.org/rfc/rfc5280#section-4.2.1.10
func nameConstraintProblems(c *x509.Certificate, r Request) pki.Problems {
	var problems pki.Problems
	hold := func(field pki.Field, name string, permitted, excluded []string, permits, excludes func(constraint string) bool) {
		problems = append(problems, hold(c, field, name, permitted, excluded, permits, excludes)...)
	}
	for _, name := range r.DNSNames {
		hold(pki.FieldDNSNames, name, c.PermittedDNSDomains, c.ExcludedDNSDomains,
			func(constraint string) bool { return chain.InDomain(name, constraint) },
			func(constraint string) bool {
				return chain.InDomain(name, constraint) || chain.WildcardReaches(name, constraint)
			})
	}
	constraints := pki.NameConstraintsOf(c)
	for _, addr := range r.IPAddresses {
		contains := func(constraint string) bool {
			prefix, err := netip.ParsePrefix(constraint)
			return err == nil && prefix.Contains(addr)
		}
		hold(pki.FieldIPAddresses, addr.String(), constraints.Permitted.IPRanges, constraints.Excluded.IPRanges, contains, contains)
	}
	for _, uri := range r.URIs {
		host := strings.ToLower(uri.Hostname())
		if _, err := netip.ParseAddr(host); err == nil && !pki.NameConstraintsOf(c).Empty() {
			problems = append(problems, pki.Problem{Field: pki.FieldURIs, Value: uri.String(),
				Reason: fmt.Sprintf("%s has name constraints, and clients cannot hold an address in a URI against them", pki.FormatName(c.RawSubject))})
			continue
		}
		hold(pki.FieldURIs, uri.String(), c.PermittedURIDomains, c.ExcludedURIDomains,
			func(constraint string) bool { return chain.OnHost(host, constraint) },
			func(constraint string) bool { return chain.InDomain(host, constraint) })
	}
	for _, email := range r.EmailAddresses {
		local, domain, _ := strings.Cut(email, "@")
		within := func(covers func(host, constraint string) bool) func(string) bool {
			return func(constraint string) bool {
				if l, d, whole := strings.Cut(constraint, "@"); whole {
					return l == local && strings.EqualFold(d, domain)
				}
				return covers(domain, constraint)
			}
		}
		hold(pki.FieldEmailAddresses, email, c.PermittedEmailAddresses, c.ExcludedEmailAddresses, within(chain.OnHost), within(chain.InDomain))
	}
	return problems
}

// hold holds one name against c's constraints of its kind.
func hold(c *x509.Certificate, field pki.Field, name string, permitted, excluded []string, permits, excludes func(constraint string) bool) pki.Problems {
	if i := slices.IndexFunc(excluded, excludes); i >= 0 {
		return pki.Problems{{Field: field, Value: name, Reason: fmt.Sprintf("%s excludes %q", pki.FormatName(c.RawSubject), excluded[i])}}
	}
	if len(permitted) > 0 && !slices.ContainsFunc(permitted, permits) {
		return pki.Problems{{Field: field, Value: name, Reason: fmt.Sprintf("%s permits only %s", pki.FormatName(c.RawSubject), pki.List(permitted))}}
	}
	return nil
}
