package pki

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strings"
	"time"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"
)

// PEMBegin is what every PEM block begins with.
const PEMBegin = "-----BEGIN "

// UTF8 takes off a byte order mark and turns UTF-16, which Windows PowerShell's ">" writes, into UTF-8. What
// has no mark comes back as it is. The error says that the mark promises UTF-16, and the rest is something else.
func UTF8(data []byte) ([]byte, error) {
	switch {
	case bytes.HasPrefix(data, []byte("\xef\xbb\xbf")):
		return data[3:], nil
	case bytes.HasPrefix(data, []byte("\xff\xfe")):
		return fromUTF16(data[2:], binary.LittleEndian)
	case bytes.HasPrefix(data, []byte("\xfe\xff")):
		return fromUTF16(data[2:], binary.BigEndian)
	}
	return data, nil
}

// InUTF16 reports whether data begins with a byte order mark of UTF-16.
func InUTF16(data []byte) bool {
	return bytes.HasPrefix(data, []byte("\xff\xfe")) || bytes.HasPrefix(data, []byte("\xfe\xff"))
}

// AsText is UTF8 for what may be binary, whose first bytes only look like a mark.
func AsText(data []byte) []byte {
	if text, err := UTF8(data); err == nil {
		return text
	}
	return data
}

func fromUTF16(data []byte, order binary.ByteOrder) ([]byte, error) {
	broken := errors.New("its byte order mark says UTF-16, which it is not")
	if len(data)%2 != 0 {
		return nil, broken
	}
	out := make([]byte, 0, len(data)/2)
	for i := 0; i < len(data); i += 2 {
		r := rune(order.Uint16(data[i:]))
		if utf16.IsSurrogate(r) {
			if i += 2; i == len(data) {
				return nil, broken
			}
			if r = utf16.DecodeRune(r, rune(order.Uint16(data[i:]))); r == utf8.RuneError {
				return nil, broken
			}
		}
		out = utf8.AppendRune(out, r)
	}
	return out, nil
}

// FormatTime writes a moment as people and programs read it: UTC, to the second.
func FormatTime(t time.Time) string { return t.UTC().Format(time.RFC3339) }

// maxShown is how many characters of a name, or how many names, a message repeats of an input: what is
// in an input is chosen by others and may be long.
const (
	maxShownLength = 120
	maxShownNames  = 3
)

// Shorten makes a text that comes from the input fit to be shown: it cuts it, and takes out what a
// terminal would obey.
func Shorten(s string) string {
	s = strings.Map(func(c rune) rune {
		if !unicode.IsPrint(c) {
			return unicode.ReplacementChar
		}
		return c
	}, s)
	if runes := []rune(s); len(runes) > maxShownLength {
		return string(runes[:maxShownLength]) + "…"
	}
	return s
}

// List writes names for people, parted by commas.
func List(names []string) string { return strings.Join(names, ", ") }

// ShortList joins the first few names and says how many more there are.
func ShortList(names []string) string {
	if more := len(names) - maxShownNames; more > 0 {
		return fmt.Sprintf("%s and %d more", List(names[:maxShownNames]), more)
	}
	return List(names)
}

// Texts writes values that know how to.
func Texts[T interface{ String() string }](values []T) []string {
	var out []string
	for _, v := range values {
		out = append(out, v.String())
	}
	return out
}

// IPTexts writes addresses as netip does, so that both spellings of IPv4 are one.
func IPTexts(ips []net.IP) []string {
	var out []string
	for _, ip := range ips {
		addr, _ := netip.AddrFromSlice(ip)
		out = append(out, addr.Unmap().String())
	}
	return out
}
