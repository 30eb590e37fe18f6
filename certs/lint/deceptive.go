package lint

import (
	"crypto/x509"
	"crypto/x509/pkix"
	"fmt"
	"slices"
	"strings"
	"unicode"

	"certgen/certs/pki"
)

// deceptiveNames finds names that do not show as what they are.
func deceptiveNames(chain []*x509.Certificate) (found []Finding) {
	for _, c := range chain {
		names := (&pki.KeyPair{Leaf: c}).Names()
		for _, attribute := range slices.Concat(c.Subject.Names, c.Issuer.Names) {
			names = append(names, attributeText(attribute))
		}
		for _, name := range names {
			if at := strings.IndexFunc(name, deceives); at >= 0 {
				r := []rune(name[at:])[0]
				found = append(found, RuleDeceptiveName.Found("the name %q of %s has the character %U", pki.Shorten(name), pki.CertName(c), r))
				break
			}
		}
	}
	return found
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
