package form

import (
	"crypto/x509"
	"crypto/x509/pkix"
	"fmt"
	"iter"
	"strings"
	"unicode"

	"certgen/certs/pki"
)

// Deceptive finds a name in c that does not show as what it is.
func Deceptive(c *x509.Certificate) []Fault {
	for name := range allNames(c) {
		if at := strings.IndexFunc(name, deceives); at >= 0 {
			r := []rune(name[at:])[0]
			return []Fault{{DeceptiveName, fmt.Sprintf("the name %q of %s has the character %U", pki.Shorten(name), pki.CertName(c), r)}}
		}
	}
	return nil
}

// allNames are the names of a certificate, and the parts of its subject and its issuer.
func allNames(c *x509.Certificate) iter.Seq[string] {
	return func(yield func(string) bool) {
		for _, name := range (&pki.KeyPair{Leaf: c}).Names() {
			if !yield(name) {
				return
			}
		}
		for _, name := range []pkix.Name{c.Subject, c.Issuer} {
			for _, attribute := range name.Names {
				if !yield(attributeText(attribute)) {
					return
				}
			}
		}
	}
}

func attributeText(a pkix.AttributeTypeAndValue) string {
	if text, ok := a.Value.(string); ok {
		return text
	}
	return fmt.Sprint(a.Value)
}

// deceives reports whether a terminal obeys a character, or it turns the direction of writing or is not seen
// (https://www.unicode.org/reports/tr36/#Bidirectional_Text_Spoofing). The two joiners belong to how some
// scripts are written.
func deceives(r rune) bool {
	const zeroWidthNonJoiner, zeroWidthJoiner = '\u200c', '\u200d'
	if ' ' <= r && r <= '~' {
		return false // nearly all there are
	}
	return unicode.IsControl(r) || unicode.In(r, unicode.Cf, unicode.Zl, unicode.Zp) && r != zeroWidthNonJoiner && r != zeroWidthJoiner
}
