package certs

import (
	"crypto/x509"
	"fmt"
	"net"
	"net/netip"
	"strings"
)

// nameConstraintProblems finds the names in r that c's name constraints ([RFC 5280, section 4.2.1.10])
// do not allow, all of them. [KeyPair.Check] has the last word; this says it before a key is made, and
// says which constraint it is.
//
// [RFC 5280, section 4.2.1.10]: https://www.rfc-editor.org/rfc/rfc5280#section-4.2.1.10
func nameConstraintProblems(c *x509.Certificate, r Request) Problems {
	var problems Problems
	hold := func(field Field, name string, permitted, excluded []string, matches func(constraint string) bool) {
		for _, constraint := range excluded {
			if matches(constraint) || wildcardReaches(name, constraint) {
				problems = append(problems, Problem{Field: field, Value: name,
					Reason: fmt.Sprintf("%s excludes %q", FormatName(c.RawSubject), constraint)})
				return
			}
		}
		for _, constraint := range permitted {
			if matches(constraint) {
				return
			}
		}
		if len(permitted) > 0 {
			problems = append(problems, Problem{Field: field, Value: name,
				Reason: fmt.Sprintf("%s permits only %s", FormatName(c.RawSubject), list(permitted))})
		}
	}
	for _, name := range r.DNSNames {
		hold(FieldDNSNames, name, c.PermittedDNSDomains, c.ExcludedDNSDomains, func(constraint string) bool {
			return inDomain(name, constraint)
		})
	}
	permitted, excluded := ranges(c.PermittedIPRanges), ranges(c.ExcludedIPRanges)
	for _, addr := range r.IPAddresses {
		hold(FieldIPAddresses, addr.String(), permitted, excluded, func(constraint string) bool {
			prefix, err := netip.ParsePrefix(constraint)
			return err == nil && prefix.Contains(addr)
		})
	}
	for _, uri := range r.URIs {
		hold(FieldURIs, uri.String(), c.PermittedURIDomains, c.ExcludedURIDomains, func(constraint string) bool {
			return inDomain(strings.ToLower(uri.Hostname()), constraint)
		})
	}
	for _, email := range r.EmailAddresses {
		hold(FieldEmailAddresses, email, c.PermittedEmailAddresses, c.ExcludedEmailAddresses, func(constraint string) bool {
			if strings.Contains(constraint, "@") {
				return strings.EqualFold(email, constraint)
			}
			_, domain, _ := strings.Cut(email, "@")
			return domain == strings.ToLower(constraint) || strings.HasPrefix(constraint, ".") && inDomain(domain, constraint)
		})
	}
	return problems
}

// inDomain reports whether a host lies in a constraint's domain: the domain itself or below it, or only
// below it where the constraint starts with a dot.
func inDomain(host, constraint string) bool {
	domain, below := strings.CutPrefix(strings.ToLower(constraint), ".")
	return domain == "" || host == domain && !below || strings.HasSuffix(host, "."+domain)
}

// wildcardReaches reports whether name is a wildcard that stands for the excluded domain too.
func wildcardReaches(name, constraint string) bool {
	base, wildcard := strings.CutPrefix(name, "*.")
	_, parent, _ := strings.Cut(strings.ToLower(constraint), ".")
	return wildcard && parent == base
}

func ranges(nets []*net.IPNet) []string {
	var texts []string
	for _, n := range nets {
		texts = append(texts, n.String())
	}
	return texts
}
