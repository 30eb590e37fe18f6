package pki

import (
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
)

// Attribute is one kind of relative distinguished name: its keyword in text ([RFC 4514, section 3] and
// OpenSSL's names for the same), its object identifier, and the most characters that [RFC 5280,
// appendix A] allows (0: none given).
//
// [RFC 4514, section 3]: https://www.rfc-editor.org/rfc/rfc4514#section-3
// [RFC 5280, appendix A]: https://www.rfc-editor.org/rfc/rfc5280#appendix-A
type Attribute struct {
	Keyword string
	oid     asn1.ObjectIdentifier
	Max     int
}

var (
	OIDCommonName      = asn1.ObjectIdentifier{2, 5, 4, 3}
	oidDomainComponent = asn1.ObjectIdentifier{0, 9, 2342, 19200300, 100, 1, 25}
	OIDEmailAddress    = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 1}
)

var attributes = []Attribute{
	{"CN", OIDCommonName, MaxCommonName},
	{"O", asn1.ObjectIdentifier{2, 5, 4, 10}, 64},
	{"OU", asn1.ObjectIdentifier{2, 5, 4, 11}, 64},
	{"C", asn1.ObjectIdentifier{2, 5, 4, 6}, 2},
	{"ST", asn1.ObjectIdentifier{2, 5, 4, 8}, 128},
	{"L", asn1.ObjectIdentifier{2, 5, 4, 7}, 128},
	{"STREET", asn1.ObjectIdentifier{2, 5, 4, 9}, 0},
	{"POSTALCODE", asn1.ObjectIdentifier{2, 5, 4, 17}, 40},
	{"SERIALNUMBER", asn1.ObjectIdentifier{2, 5, 4, 5}, 64},
	{"DC", oidDomainComponent, maxDNSLabel},
	{"UID", asn1.ObjectIdentifier{0, 9, 2342, 19200300, 100, 1, 1}, 256},
	{"EMAILADDRESS", OIDEmailAddress, 255},
}

// MaxCommonName is RFC 5280's ub-common-name.
const MaxCommonName = 64

// ParseSubject reads a distinguished name as text: RFC 4514 ("CN=my-nginx,O=Example\, Inc."), whose
// first part is the most specific one and is encoded last, or OpenSSL's ("/O=Example/CN=my-nginx"),
// which is encoded in the order written. The error is a [Problem].
func ParseSubject(s string) (pkix.RDNSequence, error) {
	if strings.TrimSpace(s) == "" {
		return nil, invalid(s, `such as "CN=my-nginx,O=Example"`, "empty")
	}
	if shellRewrote(s) {
		cut := strings.LastIndexByte(s[:strings.IndexByte(s, '=')], '/')
		return nil, invalid(s, fmt.Sprintf(`write %q, or set MSYS_NO_PATHCONV=1`, strings.ReplaceAll(s[cut+1:], "/", ",")),
			"the shell (Git Bash) rewrote the leading slash into a Windows path")
	}
	if strings.HasPrefix(s, "/") {
		return parseRDNs(s, s[1:], '/')
	}
	name, err := parseRDNs(s, s, ',')
	slices.Reverse(name)
	return name, err
}

// shellRewrote reports whether s looks like "/CN=…" after MSYS has put its own root folder before it.
func shellRewrote(s string) bool {
	return len(s) > 2 && s[1] == ':' && (s[2] == '/' || s[2] == '\\') && strings.Contains(s, "=")
}

// parseRDNs reads relative distinguished names parted by sep, each of one or more attributes parted
// by "+". In whole is the text for messages.
func parseRDNs(whole, s string, sep byte) (pkix.RDNSequence, error) {
	var name pkix.RDNSequence
	for {
		var rdn pkix.RelativeDistinguishedNameSET
		for end := byte('+'); end == '+'; {
			keyword, rest, ok := strings.Cut(s, "=")
			if !ok {
				return nil, invalid(whole, `such as "CN=my-nginx,O=Example"`, "%q is not KEY=value", s)
			}
			a, err := findAttribute(strings.TrimSpace(keyword))
			if err != nil {
				return nil, invalid(whole, "the keys are CN, O, OU, C, ST, L, STREET, POSTALCODE, SERIALNUMBER, DC, UID and EMAILADDRESS", "%v", err)
			}
			var value string
			value, s, end, err = cutValue(rest, sep)
			if err == nil {
				err = a.Check(value)
			}
			if err != nil {
				return nil, invalid(whole, "", "%s: %v", a.Keyword, err)
			}
			rdn = append(rdn, pkix.AttributeTypeAndValue{Type: a.oid, Value: value})
			if end == 0 {
				return append(name, rdn), nil
			}
		}
		name = append(name, rdn)
	}
}

// findAttribute knows an attribute by its keyword in any case, or by its dotted object identifier.
func findAttribute(keyword string) (Attribute, error) {
	for _, a := range attributes {
		if strings.EqualFold(a.Keyword, keyword) || a.oid.String() == keyword {
			return a, nil
		}
	}
	if strings.EqualFold(keyword, "S") { // PowerShell and .NET write the state so
		return findAttribute("ST")
	}
	if strings.EqualFold(keyword, "E") {
		return findAttribute("EMAILADDRESS")
	}
	return Attribute{}, fmt.Errorf("unknown key %q", keyword)
}

// Check holds a value against what RFC 5280 allows for the attribute.
func (a Attribute) Check(value string) error {
	n := utf8.RuneCountInString(value)
	switch {
	case n == 0:
		return fmt.Errorf("empty")
	case !utf8.ValidString(value):
		return fmt.Errorf("not valid UTF-8")
	case strings.ContainsFunc(value, func(r rune) bool { return r < ' ' || r == 0x7f }):
		return fmt.Errorf("a control character is not allowed")
	case a.Max > 0 && n > a.Max:
		return fmt.Errorf("%d characters, at most %d are allowed", n, a.Max)
	case (a.Keyword == "DC" || a.Keyword == "EMAILADDRESS") && !isASCII(value):
		return fmt.Errorf("only ASCII is allowed")
	case a.Keyword == "C" && (n != 2 || strings.Trim(value, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") != ""):
		return fmt.Errorf("%q is not a two-letter country code in capitals (ISO 3166)", value)
	}
	return nil
}

// CheckAttribute is [Attribute.Check] for the attribute of a keyword.
func CheckAttribute(keyword, value string) error {
	a, err := findAttribute(keyword)
	if err != nil {
		return err
	}
	return a.Check(value)
}

// cutValue takes one attribute value off s, up to an unescaped sep or "+", and undoes its escapes.
// In end is what it ended at: sep, '+', or 0 at the end of the text.
func cutValue(s string, sep byte) (value, rest string, end byte, err error) {
	s = strings.TrimLeft(s, " ")
	if sep == ',' && strings.HasPrefix(s, "#") {
		return "", "", 0, fmt.Errorf(`hexadecimal values ("#…") are not supported`)
	}
	var b strings.Builder
	var escapedTo int // so that an escaped space at the end stays
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == '\\':
			n, r := unescape(s[i+1:], sep == ',')
			if n == 0 {
				return "", "", 0, fmt.Errorf(`a backslash must be followed by the character it protects`)
			}
			b.WriteByte(r)
			i += n
			escapedTo = b.Len()
		case c == sep || c == '+':
			return trimTo(b.String(), escapedTo), s[i+1:], c, nil
		case sep == ',' && (c == '"' || c == ';' || c == '<' || c == '>'):
			return "", "", 0, fmt.Errorf(`%q must be written as \%c`, c, c)
		default:
			b.WriteByte(c)
		}
	}
	return trimTo(b.String(), escapedTo), "", 0, nil
}

// unescape reads what follows a backslash: two hexadecimal digits, which RFC 4514 has and OpenSSL has
// not, or one character. It returns how many bytes that took, 0 where nothing follows.
func unescape(s string, digits bool) (int, byte) {
	if digits && len(s) >= 2 {
		if b, err := hex.DecodeString(s[:2]); err == nil {
			return 2, b[0]
		}
	}
	if s == "" {
		return 0, 0
	}
	return 1, s[0]
}

// trimTo takes the spaces off the end of s, but none before position keep.
func trimTo(s string, keep int) string {
	return s[:keep] + strings.TrimRight(s[keep:], " ")
}

// FormatSubject writes a distinguished name as RFC 4514 text, which [ParseSubject] reads back.
func FormatSubject(name pkix.RDNSequence) string {
	var rdns []string
	for _, rdn := range slices.Backward(name) {
		var parts []string
		for _, atv := range rdn {
			keyword := atv.Type.String()
			if a, err := findAttribute(keyword); err == nil {
				keyword = a.Keyword
			}
			parts = append(parts, keyword+"="+escape(fmt.Sprint(atv.Value)))
		}
		rdns = append(rdns, strings.Join(parts, "+"))
	}
	return strings.Join(rdns, ",")
}

// escape protects what RFC 4514, section 2.4, says must be protected in a value.
func escape(s string) string {
	var b strings.Builder
	for i, r := range s {
		switch {
		case strings.ContainsRune(`,+"\<>;`, r), r == '#' && i == 0, r == ' ' && (i == 0 || i == len(s)-1):
			b.WriteByte('\\')
			b.WriteRune(r)
		case r < ' ' || r == 0x7f:
			fmt.Fprintf(&b, `\%02X`, r)
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

// CommonName returns the most specific common name in a subject, "" where it has none.
func CommonName(name pkix.RDNSequence) string {
	for _, rdn := range slices.Backward(name) {
		for _, atv := range rdn {
			if atv.Type.Equal(OIDCommonName) {
				return fmt.Sprint(atv.Value)
			}
		}
	}
	return ""
}

// AsEncoded returns a name with its parts in the order of its encoding: those that share a place are a set, which DER sorts.
// One that cannot be encoded is returned as it is.
func AsEncoded(name pkix.RDNSequence) pkix.RDNSequence {
	raw, err := MarshalSubject(name)
	if err != nil {
		return name
	}
	var encoded pkix.RDNSequence
	if _, err := asn1.Unmarshal(raw, &encoded); err != nil {
		return name
	}
	return encoded
}

// FormatName writes a DER-encoded distinguished name, such as x509.Certificate.RawIssuer, as RFC 4514
// text; "" where it is not one.
func FormatName(raw []byte) string {
	var name pkix.RDNSequence
	if _, err := asn1.Unmarshal(raw, &name); err != nil {
		return ""
	}
	return FormatSubject(name)
}

// MarshalSubject encodes a name. encoding/asn1 chooses PrintableString or UTF8String as RFC 5280 asks,
// but domain components and e-mail addresses are IA5String there.
func MarshalSubject(name pkix.RDNSequence) ([]byte, error) {
	encoded := make(pkix.RDNSequence, len(name))
	for i, rdn := range name {
		for _, atv := range rdn {
			if text, ok := atv.Value.(string); ok && (atv.Type.Equal(oidDomainComponent) || atv.Type.Equal(OIDEmailAddress)) {
				atv.Value = asn1.RawValue{Tag: asn1.TagIA5String, Bytes: []byte(text)}
			}
			encoded[i] = append(encoded[i], atv)
		}
	}
	return asn1.Marshal(encoded)
}

// AttributeKeyword is the keyword of an attribute type, its object identifier in dotted form where it has none.
func AttributeKeyword(oid asn1.ObjectIdentifier) string {
	for _, a := range attributes {
		if a.oid.Equal(oid) {
			return a.Keyword
		}
	}
	return oid.String()
}
