package pki

import (
	"fmt"
	"net/netip"
	"net/url"
	"strings"

	"golang.org/x/net/idna"
)

// The bounds of a host name in the DNS: [RFC 1035, section 2.3.4]. A name of 253 octets in text is one
// of 255 on the wire.
//
// [RFC 1035, section 2.3.4]: https://www.rfc-editor.org/rfc/rfc1035#section-2.3.4
const (
	maxDNSName  = 253
	maxDNSLabel = 63
)

// invalid makes the Problem of a value that no field has been named for yet.
func invalid(value, hint, format string, args ...any) error {
	return Problem{Value: value, Reason: fmt.Sprintf(format, args...), Hint: hint}
}

// ParseDNSName checks a host name strictly and returns it as it stands in a certificate: lower case,
// internationalised labels as punycode. A wildcard may stand as the whole first label of at least two.
// The error is a [Problem].
func ParseDNSName(s string) (string, error) {
	if err := notAHost(s); err != nil {
		return "", err
	}
	name := strings.ToLower(s)
	base, wildcard := strings.CutPrefix(name, "*.")
	if strings.Contains(base, "*") {
		return "", invalid(s, `write "*.example.com"`, "a wildcard stands for the whole first label only")
	}
	if !isASCII(base) || strings.Contains(base, "xn--") {
		punycode, err := toPunycode(base)
		if err != nil {
			return "", invalid(s, "", "not a valid internationalised host name")
		}
		base = punycode
	}
	if wildcard {
		name = "*." + base
	} else {
		name = base
	}
	if len(name) > maxDNSName {
		return "", invalid(s, "", "%d octets long, a host name has at most %d", len(name), maxDNSName)
	}
	labels := strings.Split(base, ".")
	for _, label := range labels {
		if err := checkLabel(s, label); err != nil {
			return "", err
		}
	}
	if last := labels[len(labels)-1]; len(labels) > 1 && strings.Trim(last, "0123456789") == "" {
		return "", invalid(s, "", "the last label is a number, so clients read it as an IP address")
	}
	return name, nil
}

// notAHost names the things that people write where a host name belongs.
func notAHost(s string) error {
	switch {
	case s == "":
		return invalid(s, "", "empty")
	case strings.TrimSpace(s) != s || strings.ContainsAny(s, " \t\r\n"):
		return invalid(s, "", "white space does not belong in a host name")
	case strings.Contains(s, "://"):
		if u, err := url.Parse(s); err == nil && u.Hostname() != "" {
			return invalid(s, fmt.Sprintf("name the host alone: %q", u.Hostname()), "a URL, not a host name")
		}
		return invalid(s, "", "a URL, not a host name")
	case strings.Contains(s, "@"):
		return invalid(s, "", "an e-mail address, not a host name")
	}
	if _, err := netip.ParseAddr(strings.Trim(s, "[]")); err == nil {
		return invalid(s, "name it with --ip", "an IP address, not a host name")
	}
	if _, err := netip.ParsePrefix(s); err == nil {
		return invalid(s, "", "an address range; a certificate names single hosts")
	}
	switch {
	case strings.Contains(s, "/"):
		return invalid(s, "", "a path does not belong in a host name")
	case strings.Contains(s, ":"):
		host, _, _ := strings.Cut(s, ":")
		return invalid(s, fmt.Sprintf("a certificate is good for every port: write %q", host), "a port does not belong in a host name")
	case strings.HasSuffix(s, "."):
		return invalid(s, fmt.Sprintf("write %q", strings.TrimRight(s, ".")), "ends in a dot")
	}
	return nil
}

// checkLabel applies the letter-digit-hyphen rule of RFC 5890, section 2.3.1, which Go, OpenSSL and
// GnuTLS follow when they match names.
func checkLabel(name, label string) error {
	switch {
	case label == "":
		return invalid(name, "", "an empty label (two dots in a row, or a dot at the start)")
	case len(label) > maxDNSLabel:
		return invalid(name, "", "the label %q is %d octets long, a label has at most %d", label, len(label), maxDNSLabel)
	case label[0] == '-' || label[len(label)-1] == '-':
		return invalid(name, "", "the label %q starts or ends with a hyphen", label)
	}
	for i := range len(label) {
		if c := label[i]; !(c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c == '-') {
			if c == '_' {
				return invalid(name, fmt.Sprintf("write %q", strings.ReplaceAll(name, "_", "-")), "an underscore is not allowed in a host name")
			}
			return invalid(name, "", "%q is not allowed in a host name", rune(c))
		}
	}
	return nil
}

// toPunycode follows UTS 46 as browsers do when they look a name up.
func toPunycode(name string) (string, error) {
	profile := idna.New(idna.MapForLookup(), idna.BidiRule(), idna.StrictDomainName(true))
	return profile.ToASCII(name)
}

// ParseIP checks an IP address. An IPv4 address written as IPv6 comes back as IPv4, which is how
// clients compare it. The error is a [Problem].
func ParseIP(s string) (netip.Addr, error) {
	if s == "" {
		return netip.Addr{}, invalid(s, "", "empty")
	}
	if _, err := netip.ParsePrefix(s); err == nil {
		return netip.Addr{}, invalid(s, "", "an address range; a certificate names single addresses")
	}
	addr, err := netip.ParseAddr(s)
	if err != nil {
		if inner, ok := strings.CutPrefix(s, "["); ok {
			return netip.Addr{}, invalid(s, fmt.Sprintf("write %q", strings.TrimSuffix(inner, "]")), "brackets belong in a URL only")
		}
		return netip.Addr{}, invalid(s, "", "not an IP address")
	}
	if addr.Zone() != "" {
		return netip.Addr{}, invalid(s, fmt.Sprintf("write %q", addr.WithZone("")), "a zone holds on one machine only and cannot be certified")
	}
	return addr.Unmap(), nil
}

// ParseURI checks a URI for a certificate: absolute, with a scheme and a host, as [RFC 5280, section
// 4.2.1.6] asks. The error is a [Problem].
//
// [RFC 5280, section 4.2.1.6]: https://www.rfc-editor.org/rfc/rfc5280#section-4.2.1.6
func ParseURI(s string) (*url.URL, error) {
	if !isASCII(s) {
		return nil, invalid(s, "write other characters percent-encoded, a host as punycode", "only ASCII can stand in a certificate's URI")
	}
	u, err := url.Parse(s)
	switch {
	case s == "":
		return nil, invalid(s, "", "empty")
	case err != nil || strings.TrimSpace(s) != s:
		return nil, invalid(s, "", "not a URI")
	case u.Scheme == "":
		return nil, invalid(s, `such as "spiffe://cluster.local/ns/default/sa/web"`, "a URI without a scheme")
	case u.Hostname() == "":
		return nil, invalid(s, `such as "spiffe://cluster.local/ns/default/sa/web"`, "a URI without a host")
	case u.User != nil && hasPassword(u):
		return nil, invalid("", "", "a URI with a password in it would publish the password")
	}
	if addr, err := netip.ParseAddr(u.Hostname()); err == nil {
		if addr.Zone() != "" {
			return nil, invalid(s, "", "a zone holds on one machine only and cannot be certified")
		}
	} else if host, err := ParseDNSName(u.Hostname()); err != nil {
		return nil, invalid(s, "", "its host is not valid: %v", err)
	} else if strings.HasPrefix(host, "*") {
		return nil, invalid(s, "", "its host is a wildcard, and a URI names one")
	}
	return u, nil
}

func hasPassword(u *url.URL) bool {
	_, ok := u.User.Password()
	return ok
}

// ParseEmail checks an e-mail address (RFC 5321's Mailbox without quoting) and returns it with its
// domain as it stands in a certificate. The error is a [Problem].
func ParseEmail(s string) (string, error) {
	if s == "" {
		return "", invalid(s, "", "empty")
	}
	at := strings.LastIndexByte(s, '@')
	if at < 0 || at == len(s)-1 {
		return "", invalid(s, `such as "ops@example.com"`, "an e-mail address without a domain")
	}
	local, domain := s[:at], s[at+1:]
	// RFC 5321, section 4.5.3.1.1, bounds the local part at 64 octets.
	if local == "" || len(local) > 64 || strings.HasPrefix(local, ".") || strings.HasSuffix(local, ".") || strings.Contains(local, "..") {
		return "", invalid(s, "", "the part before the @ is not valid")
	}
	const atext = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789!#$%&'*+-/=?^_`{|}~."
	if strings.ContainsFunc(local, func(r rune) bool { return !strings.ContainsRune(atext, r) }) {
		return "", invalid(s, "", "the part before the @ has a character that needs quoting")
	}
	host, err := ParseDNSName(domain)
	if err != nil || strings.HasPrefix(host, "*") {
		return "", invalid(s, "", "%q is not a mail domain", domain)
	}
	return local + "@" + host, nil
}

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= 0x80 {
			return false
		}
	}
	return true
}
