package chain

import (
	"crypto/x509"
	"fmt"
	"net/netip"
	"net/url"
	"slices"
	"strings"

	"golang.org/x/crypto/cryptobyte"
	tags "golang.org/x/crypto/cryptobyte/asn1"

	"certgen/certs/pki"
)

// The kinds of GeneralName that constraints are defined for, by their tags.
const (
	kindEmail     = 1
	kindDNS       = 2
	kindDirectory = 4
	kindURI       = 6
	kindIP        = 7
)

// generalName is a name, or a constraint on names, of one kind.
type generalName struct {
	kind  uint8
	value string
	parts []string // of a directory name, see [nameParts]; nil where it is malformed
}

// constraints are those of one CA.
type constraints struct{ permitted, excluded []generalName }

// nameConstraints holds the names of all certificates against the constraints of the CAs above them. A certificate that
// a CA issued to itself is no subject of them, unless it is the leaf (section 6.1.3 (b)).
func nameConstraints(path []*x509.Certificate) error {
	compared := 0
	for above, ca := range path {
		extension := pki.Extension(ca.Extensions, pki.OIDNameConstraints)
		if extension == nil || above == 0 {
			continue
		}
		limits, ok := readConstraints(extension.Value)
		if !ok {
			return fmt.Errorf("the name constraints of %s are malformed", pki.CertName(ca))
		}
		for i, c := range path[:above] {
			if i > 0 && selfIssued(c) {
				continue
			}
			names, ok := namesOf(c)
			if !ok {
				return fmt.Errorf("the names of %s are malformed", pki.CertName(c))
			}
			count := len(limits.permitted) + len(limits.excluded)
			if compared += count * len(names); compared > maxComparisons {
				return TooMany{len(names), count}
			}
			for _, name := range names {
				if broken := limits.hold(name); broken != "" {
					return fmt.Errorf("%s %s the %s of %s", pki.CertName(ca), broken, name, pki.CertName(c))
				}
			}
		}
	}
	return nil
}

// readConstraints reads the extension of section 4.2.1.10.
func readConstraints(value []byte) (c constraints, ok bool) {
	in := cryptobyte.String(value)
	var body cryptobyte.String
	if !in.ReadASN1(&body, tags.SEQUENCE) || !in.Empty() {
		return c, false
	}
	for i, list := range []*[]generalName{&c.permitted, &c.excluded} {
		var subtrees cryptobyte.String
		var present bool
		if !body.ReadOptionalASN1(&subtrees, &present, tags.Tag(i).ContextSpecific().Constructed()) {
			return c, false
		}
		for !subtrees.Empty() {
			var subtree cryptobyte.String
			if !subtrees.ReadASN1(&subtree, tags.SEQUENCE) || !readName(&subtree, list) {
				return c, false
			}
		}
	}
	return c, body.Empty()
}

// readName reads one GeneralName, of which all kinds are context-specific.
func readName(in *cryptobyte.String, into *[]generalName) bool {
	var value cryptobyte.String
	var tag tags.Tag
	if !in.ReadAnyASN1(&value, &tag) || tag&0xc0 != 0x80 {
		return false
	}
	name := generalName{kind: uint8(tag & 0x1f), value: string(value)}
	if name.kind == kindDirectory {
		name.parts, _ = nameParts(value)
	}
	*into = append(*into, name)
	return true
}

// namesOf are the alternative names and the subject of c; without an alternative e-mail address also the one in the subject.
func namesOf(c *x509.Certificate) (names []generalName, ok bool) {
	if extension := pki.Extension(c.Extensions, pki.OIDSubjectAltName); extension != nil {
		in := cryptobyte.String(extension.Value)
		var list cryptobyte.String
		if !in.ReadASN1(&list, tags.SEQUENCE) {
			return nil, false
		}
		for !list.Empty() {
			if !readName(&list, &names) {
				return nil, false
			}
		}
	}
	if !slices.ContainsFunc(names, func(n generalName) bool { return n.kind == kindEmail }) {
		for _, attribute := range c.Subject.Names {
			if text, ok := attribute.Value.(string); ok && attribute.Type.Equal(pki.OIDEmailAddress) {
				names = append(names, generalName{kind: kindEmail, value: text})
			}
		}
	}
	if parts, ok := nameParts(c.RawSubject); ok && len(parts) > 0 {
		names = append(names, generalName{kindDirectory, string(c.RawSubject), parts})
	}
	return names, true
}

// hold says how a name breaks the constraints, "" where it does not.
func (c constraints) hold(name generalName) string {
	within := func(excluded bool) func(generalName) bool {
		return func(limit generalName) bool { return limit.kind == name.kind && limit.covers(name, excluded) }
	}
	if slices.ContainsFunc(c.excluded, within(true)) {
		return "excludes"
	}
	ofKind := func(limit generalName) bool { return limit.kind == name.kind }
	if slices.ContainsFunc(c.permitted, ofKind) && !slices.ContainsFunc(c.permitted, within(false)) {
		return "does not permit"
	}
	return ""
}

// covers reports whether a name, or where it is excluded part of what it stands for, is in a constraint of its kind. Of a
// kind that nobody can compare, all are excluded and none is permitted.
func (n generalName) covers(name generalName, excluded bool) bool {
	limit, text := n.value, name.value
	switch n.kind {
	case kindDNS:
		return InDomain(strings.ToLower(text), limit) || excluded && WildcardReaches(strings.ToLower(text), limit)
	case kindEmail:
		local, domain, _ := strings.Cut(text, "@")
		if l, d, whole := strings.Cut(limit, "@"); whole {
			return l == local && strings.EqualFold(d, domain)
		}
		return OnHost(strings.ToLower(domain), limit)
	case kindURI:
		uri, err := url.Parse(text)
		if err != nil || uri.Hostname() == "" {
			return excluded
		}
		return OnHost(strings.ToLower(uri.Hostname()), limit)
	case kindIP:
		return inRange(name.value, n.value)
	case kindDirectory:
		return len(name.parts) >= len(n.parts) && slices.Equal(name.parts[:len(n.parts)], n.parts)
	}
	return excluded
}

// inRange reports whether an address lies in a range, which is an address and its mask.
func inRange(address, limit string) bool {
	if len(limit) != 2*len(address) {
		return false
	}
	for i := range len(address) {
		if address[i]&limit[len(address)+i] != limit[i] {
			return false
		}
	}
	return true
}

// String is the name for people, with its kind.
func (n generalName) String() string {
	switch n.kind {
	case kindDNS:
		return fmt.Sprintf("DNS name %q", pki.Shorten(n.value))
	case kindEmail:
		return fmt.Sprintf("e-mail address %q", pki.Shorten(n.value))
	case kindURI:
		return fmt.Sprintf("URI %q", pki.Shorten(n.value))
	case kindIP:
		if address, ok := netip.AddrFromSlice([]byte(n.value)); ok {
			return "IP address " + address.String()
		}
	case kindDirectory:
		return fmt.Sprintf("name %q", pki.Shorten(pki.FormatName([]byte(n.value))))
	}
	return "name of a kind that nobody compares"
}
