package chain

import (
	"slices"
	"strings"
	"unicode/utf16"

	"golang.org/x/crypto/cryptobyte"
	"golang.org/x/crypto/cryptobyte/asn1"
)

// Name returns a distinguished name in a form that is the same for all that RFC 5280, section 7.1, calls equal: without
// regard to case, to white space but between words, and to the type of string. What is not a name is returned as it is.
func Name(raw []byte) string {
	parts, ok := nameParts(raw)
	if !ok {
		return string(raw)
	}
	return strings.Join(parts, "")
}

// nameParts are the relative distinguished names of a name, from the most general one on, each in the form of [Name].
func nameParts(raw []byte) (parts []string, ok bool) {
	in := cryptobyte.String(raw)
	var name cryptobyte.String
	if !in.ReadASN1(&name, asn1.SEQUENCE) || !in.Empty() {
		return nil, false
	}
	for !name.Empty() {
		var set cryptobyte.String
		if !name.ReadASN1(&set, asn1.SET) {
			return nil, false
		}
		var attributes []string
		for !set.Empty() {
			attribute, ok := readAttribute(&set)
			if !ok {
				return nil, false
			}
			attributes = append(attributes, attribute)
		}
		slices.Sort(attributes)
		parts = append(parts, "\x00"+strings.Join(attributes, "\x01"))
	}
	return parts, true
}

func readAttribute(set *cryptobyte.String) (text string, ok bool) {
	var pair, oid, value cryptobyte.String
	var tag asn1.Tag
	if !set.ReadASN1(&pair, asn1.SEQUENCE) || !pair.ReadASN1(&oid, asn1.OBJECT_IDENTIFIER) || !pair.ReadAnyASN1(&value, &tag) {
		return "", false
	}
	if text, ok := stringOf(tag, value); ok {
		return string(oid) + "=" + strings.ToLower(strings.Join(strings.Fields(text), " ")), true
	}
	return string(oid) + "#" + string(rune(tag)) + string(value), true
}

// stringOf decodes the types of string that names are made of.
func stringOf(tag asn1.Tag, value []byte) (string, bool) {
	const numeric, bmp, universal asn1.Tag = 18, 30, 28
	switch tag {
	case asn1.UTF8String, asn1.PrintableString, asn1.IA5String, numeric:
		return string(value), true
	case asn1.T61String: // in practice it is Latin-1
		return string(runes(value, 1)), true
	case bmp:
		var units []uint16
		for _, r := range runes(value, 2) {
			units = append(units, uint16(r))
		}
		return string(utf16.Decode(units)), len(value)%2 == 0
	case universal:
		return string(runes(value, 4)), len(value)%4 == 0
	}
	return "", false
}

// runes reads characters of size bytes each.
func runes(value []byte, size int) (out []rune) {
	for ; len(value) >= size; value = value[size:] {
		var r rune
		for _, b := range value[:size] {
			r = r<<8 | rune(b)
		}
		out = append(out, r)
	}
	return out
}
