package chain

import "strings"

// InDomain reports whether a host, in lower case, lies in the domain of a name constraint: the domain itself or below
// it, or only below it where the constraint starts with a dot.
func InDomain(host, constraint string) bool {
	domain, below := strings.CutPrefix(strings.ToLower(constraint), ".")
	return domain == "" || host == domain && !below || strings.HasSuffix(host, "."+domain)
}

// OnHost is [InDomain] where a constraint without a leading dot means one host alone, as for URIs and mailboxes.
func OnHost(host, constraint string) bool {
	if strings.HasPrefix(constraint, ".") {
		return InDomain(host, constraint)
	}
	return host == strings.ToLower(constraint)
}

// WildcardReaches reports whether a DNS name is a wildcard that stands for the excluded domain too.
func WildcardReaches(name, constraint string) bool {
	base, wildcard := strings.CutPrefix(name, "*.")
	_, parent, _ := strings.Cut(strings.ToLower(constraint), ".")
	return wildcard && parent == base
}
