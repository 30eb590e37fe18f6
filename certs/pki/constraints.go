package pki

import (
	"crypto/x509"
	"fmt"
	"net"
	"net/netip"
	"strings"
)

// NameConstraints bound what a CA, and every CA below it, may certify: [RFC 5280, section 4.2.1.10]. Its fields mean what
// those of cert-manager's nameConstraints mean. A kind of name of which Permitted says nothing is free.
//
// [RFC 5280, section 4.2.1.10]: https://www.rfc-editor.org/rfc/rfc5280#section-4.2.1.10
type NameConstraints struct {
	Critical            bool // clients that do not know the extension refuse, as the RFC wants
	Permitted, Excluded NameConstraintItem
}

// NameConstraintItem is a set of names. A domain takes in the hosts below it where DNS names are meant, and with a leading
// dot only these; of URIs and mailboxes it is that host alone, and with a leading dot the hosts below.
type NameConstraintItem struct {
	DNSDomains     []string
	IPRanges       []string // in CIDR notation
	EmailAddresses []string // mailboxes, hosts of mailboxes, and domains
	URIDomains     []string
}

// NameList is one of the lists of [NameConstraints].
type NameList struct {
	Field Field
	What  string // for people
	Names *[]string

	kind  string
	parse func(string) (string, error)
}

// Lists are all of them, which are filled through the pointers.
func (n *NameConstraints) Lists() []NameList {
	lists := func(words string, i *NameConstraintItem) []NameList {
		field := Field("nameConstraints." + words + ".")
		return []NameList{
			{field + "dnsDomains", words + " DNS domains", &i.DNSDomains, "DNS", parseDNSDomain},
			{field + "ipRanges", words + " IP ranges", &i.IPRanges, "IP", parseIPRange},
			{field + "emailAddresses", words + " e-mail addresses", &i.EmailAddresses, "email", parseMailboxes},
			{field + "uriDomains", words + " URI domains", &i.URIDomains, "URI", parseHosts},
		}
	}
	return append(lists("permitted", &n.Permitted), lists("excluded", &n.Excluded)...)
}

// Texts are the permitted names and the excluded ones for people, each with its kind: "DNS example.com".
func (n NameConstraints) Texts() (permitted, excluded []string) {
	lists := n.Lists()
	for i, list := range lists {
		texts := &permitted
		if i >= len(lists)/2 {
			texts = &excluded
		}
		for _, name := range *list.Names {
			*texts = append(*texts, list.kind+" "+name)
		}
	}
	return permitted, excluded
}

// Empty reports whether nothing is constrained.
func (n NameConstraints) Empty() bool { return n.Permitted.empty() && n.Excluded.empty() }

func (i NameConstraintItem) empty() bool {
	return len(i.DNSDomains)+len(i.IPRanges)+len(i.EmailAddresses)+len(i.URIDomains) == 0
}

// Parse checks all names and returns them as they stand in a certificate: in lower case, domains as punycode, a range
// from its first address.
func (n NameConstraints) Parse() (NameConstraints, Problems) {
	parsed := NameConstraints{Critical: n.Critical}
	var problems Problems
	into := parsed.Lists()
	for i, list := range n.Lists() {
		for _, text := range *list.Names {
			name, err := list.parse(text)
			if err != nil {
				p := err.(Problem) // the parsers below return nothing else
				p.Field = list.Field
				problems = append(problems, p)
				continue
			}
			*into[i].Names = append(*into[i].Names, name)
		}
	}
	return parsed, problems
}

// NameConstraintsOf returns those of a certificate.
func NameConstraintsOf(c *x509.Certificate) NameConstraints {
	return NameConstraints{
		Critical:  c.PermittedDNSDomainsCritical,
		Permitted: NameConstraintItem{c.PermittedDNSDomains, rangeTexts(c.PermittedIPRanges), c.PermittedEmailAddresses, c.PermittedURIDomains},
		Excluded:  NameConstraintItem{c.ExcludedDNSDomains, rangeTexts(c.ExcludedIPRanges), c.ExcludedEmailAddresses, c.ExcludedURIDomains},
	}
}

// Constrain puts n, as [NameConstraints.Parse] returned it, into what is to become a certificate.
func (n NameConstraints) Constrain(template *x509.Certificate) {
	template.PermittedDNSDomainsCritical = n.Critical
	template.PermittedDNSDomains, template.ExcludedDNSDomains = n.Permitted.DNSDomains, n.Excluded.DNSDomains
	template.PermittedIPRanges, template.ExcludedIPRanges = ranges(n.Permitted.IPRanges), ranges(n.Excluded.IPRanges)
	template.PermittedEmailAddresses, template.ExcludedEmailAddresses = n.Permitted.EmailAddresses, n.Excluded.EmailAddresses
	template.PermittedURIDomains, template.ExcludedURIDomains = n.Permitted.URIDomains, n.Excluded.URIDomains
}

func rangeTexts(nets []*net.IPNet) []string {
	var texts []string
	for _, n := range nets {
		texts = append(texts, n.String())
	}
	return texts
}

func ranges(texts []string) []*net.IPNet {
	var nets []*net.IPNet
	for _, text := range texts {
		prefix := netip.MustParsePrefix(text) // as [parseIPRange] wrote it
		nets = append(nets, &net.IPNet{IP: prefix.Addr().AsSlice(), Mask: net.CIDRMask(prefix.Bits(), prefix.Addr().BitLen())})
	}
	return nets
}

// parseDNSDomain checks a domain, which may start with a dot.
func parseDNSDomain(s string) (string, error) {
	if isAddress(s) {
		return "", invalid(s, "addresses are named as ranges, such as 10.0.0.0/8", "an IP address, not a domain")
	}
	domain, below := strings.CutPrefix(s, ".")
	name, err := ParseDNSName(domain)
	if err != nil {
		p := err.(Problem)
		p.Value = s
		return "", p
	}
	if base, wildcard := strings.CutPrefix(name, "*."); wildcard {
		return "", invalid(s, fmt.Sprintf("write %q", base), "a wildcard; a domain takes in all hosts below it")
	}
	if below {
		name = "." + name
	}
	return name, nil
}

func isAddress(s string) bool {
	_, notAddress := netip.ParseAddr(s)
	_, notRange := netip.ParsePrefix(s)
	return notAddress == nil || notRange == nil
}

// parseIPRange checks a range of addresses and returns it with its first address, as net.ParseCIDR does.
func parseIPRange(s string) (string, error) {
	if addr, err := netip.ParseAddr(s); err == nil && addr.Zone() == "" {
		return "", invalid(s, fmt.Sprintf("write %q", netip.PrefixFrom(addr, addr.BitLen())), "an address, not a range of them")
	}
	prefix, err := netip.ParsePrefix(s)
	switch {
	case s == "":
		return "", invalid(s, "", "empty")
	case err != nil || prefix.Addr().Is4In6():
		return "", invalid(s, `such as "10.0.0.0/8" or "2001:db8::/32"`, "not a range of IP addresses")
	}
	return prefix.Masked().String(), nil
}

// parseMailboxes checks one mailbox, a host, or a domain with a leading dot.
func parseMailboxes(s string) (string, error) {
	if strings.Contains(s, "@") {
		return ParseEmail(s)
	}
	return parseHosts(s)
}

// parseHosts is [parseDNSDomain] where a domain without a leading dot is one host.
func parseHosts(s string) (string, error) {
	if base, wildcard := strings.CutPrefix(s, "*."); wildcard {
		return "", invalid(s, fmt.Sprintf("write %q", "."+base), "a wildcard; a leading dot takes in the hosts below a domain")
	}
	return parseDNSDomain(s)
}
