package certs

import (
	"crypto/x509"
	"fmt"
	"net/netip"
	"strconv"
	"strings"

	"certgen/certs/chain"
	"certgen/certs/pki"
)

// setAuthority checks what only a CA's certificate has.
func (r *Request) setAuthority(s Spec) pki.Problems {
	if !s.IsCA && s.PathLength == nil && s.NameConstraints.Empty() {
		return nil // as nearly always, for which the rest would take a twentieth of issuing
	}
	constraints, problems := s.NameConstraints.Parse()
	r.IsCA, r.PathLength, r.NameConstraints = s.IsCA, s.PathLength, constraints
	if constraints.Empty() {
		r.NameConstraints.Critical = false
	}
	if s.PathLength != nil && *s.PathLength < 0 {
		problems = append(problems, pki.Problem{Field: pki.FieldPathLength, Value: strconv.Itoa(*s.PathLength),
			Reason: "must be 0 or more", Hint: "leave it out, and there is no bound"})
	}
	if s.IsCA {
		return problems
	}
	if s.PathLength != nil {
		problems = append(problems, pki.Problem{Field: pki.FieldPathLength, Value: strconv.Itoa(*s.PathLength), Reason: "only a CA has one"})
	}
	for _, list := range s.NameConstraints.Lists() {
		for _, name := range *list.Names {
			problems = append(problems, pki.Problem{Field: list.Field, Value: name, Reason: "only a CA has name constraints"})
		}
	}
	return problems
}

// defaultDuration is how long a certificate lives of which nothing is said, "" for [pki.ParseLife]'s own default.
func (s Spec) defaultDuration() string {
	if s.IsCA {
		return pki.FormatDuration(pki.DefaultAuthorityDuration)
	}
	return ""
}

func (s Spec) parseUsages(algorithm pki.KeyAlgorithm) (x509.KeyUsage, []x509.ExtKeyUsage, pki.Problems) {
	if s.IsCA {
		return pki.ParseAuthorityUsages(s.Usages, algorithm)
	}
	return pki.ParseUsages(s.Usages, algorithm)
}

// authorityDifferences says how what makes a CA differs from what r asks for.
func authorityDifferences(c *x509.Certificate, r Request) []Difference {
	switch {
	case r.IsCA && (!c.BasicConstraintsValid || !c.IsCA):
		return []Difference{{pki.FieldIsCA, "not marked as the certificate of a CA (basic constraints CA:TRUE)"}}
	case !r.IsCA && (!c.BasicConstraintsValid || c.IsCA):
		return []Difference{{pki.FieldIsCA, "not marked as a leaf certificate (basic constraints CA:FALSE)"}}
	case !r.IsCA:
		return nil
	}
	var out []Difference
	if from, to := pki.FormatPathLength(pki.PathLengthOf(c)), pki.FormatPathLength(r.PathLength); from != to {
		out = append(out, Difference{pki.FieldPathLength, fmt.Sprintf("path length changed from %s to %s", from, to)})
	}
	have, want := pki.NameConstraintsOf(c), r.NameConstraints
	wanted := want.Lists()
	for i, list := range have.Lists() {
		if diff := setDifference(lowerDomains(*list.Names), *wanted[i].Names); diff != "" {
			out = append(out, Difference{list.Field, fmt.Sprintf("%s changed (%s)", list.What, diff)})
		}
	}
	if have.Critical != want.Critical && !have.Empty() && !want.Empty() {
		out = append(out, Difference{"nameConstraints.critical", fmt.Sprintf("critical of the name constraints changed from %t to %t", have.Critical, want.Critical)})
	}
	return out
}

// subtreeProblems finds what a CA that c is to certify would permit below it although c does not: nobody would accept it.
// A CA without constraints of its own is bound by those above it.
func subtreeProblems(c *x509.Certificate, r Request) pki.Problems {
	var problems pki.Problems
	above := pki.NameConstraintsOf(c)
	permitted, excluded := above.Permitted, above.Excluded
	lists := r.NameConstraints.Lists()
	check := func(list pki.NameList, permitted, excluded []string, permits, excludes func(name, constraint string) bool) {
		for _, name := range *list.Names {
			problems = append(problems, hold(c, list.Field, name, permitted, excluded,
				func(constraint string) bool { return permits(name, lowerDomain(constraint)) },
				func(constraint string) bool { return excludes(name, lowerDomain(constraint)) })...)
		}
	}
	check(lists[0], permitted.DNSDomains, excluded.DNSDomains, domainWithin, domainWithin)
	check(lists[1], permitted.IPRanges, excluded.IPRanges, rangeWithin, rangeWithin)
	check(lists[2], permitted.EmailAddresses, excluded.EmailAddresses, mailboxesWithin(hostsWithin), mailboxesWithin(domainWithin))
	check(lists[3], permitted.URIDomains, excluded.URIDomains, hostsWithin, domainWithin)
	return problems
}

// domainWithin reports whether all of a domain lies in another; see [chain.InDomain].
func domainWithin(domain, outer string) bool {
	return domain == outer || chain.InDomain(strings.TrimPrefix(domain, "."), outer)
}

// hostsWithin is [domainWithin] where a domain without a leading dot means one host alone.
func hostsWithin(domain, outer string) bool {
	if strings.HasPrefix(domain, ".") && !strings.HasPrefix(outer, ".") {
		return false
	}
	return domain == outer || chain.OnHost(strings.TrimPrefix(domain, "."), outer)
}

// mailboxesWithin does the same for mailboxes and domains of them.
func mailboxesWithin(within func(domain, outer string) bool) func(name, outer string) bool {
	return func(name, outer string) bool {
		local, domain, mailbox := strings.Cut(name, "@")
		outerLocal, outerDomain, outerMailbox := strings.Cut(outer, "@")
		switch {
		case outerMailbox:
			return mailbox && local == outerLocal && domain == outerDomain
		case mailbox:
			return within(domain, outer)
		}
		return within(name, outer)
	}
}

func rangeWithin(inner, outer string) bool {
	in, err := netip.ParsePrefix(inner)
	if err != nil {
		return false
	}
	out, err := netip.ParsePrefix(outer)
	return err == nil && out.Bits() <= in.Bits() && out.Contains(in.Addr())
}

// lowerDomains writes the names of a constraint as a [Request] does; mailboxes may differ by their capitals.
func lowerDomains(names []string) []string {
	out := make([]string, len(names))
	for i, name := range names {
		out[i] = lowerDomain(name)
	}
	return out
}

func lowerDomain(name string) string {
	at := strings.LastIndexByte(name, '@') + 1
	return name[:at] + strings.ToLower(name[at:])
}
