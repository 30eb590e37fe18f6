package form

import (
	"crypto/x509"
	"crypto/x509/pkix"
	"strings"
	"testing"
)

func TestDeceptiveNames(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"Example Inc.":             "",
		"Société Générale":         "",
		"شركة":                     "",
		"می\u200cخواهم":            "", // Persian is written so
		"Example\x1b[31m":          "U+001B",
		"Example\n":                "U+000A",
		"Example \u202egro.knab":   "U+202E",
		"exam\u200bple":            "U+200B",
		"Example\u2066 CA\u2069":   "U+2066",
		"Example\u0085next line":   "U+0085",
		"Example\U000e0041 tagged": "U+E0041",
	} {
		attribute := []pkix.AttributeTypeAndValue{{Value: name}}
		for whose, c := range map[string]*x509.Certificate{
			"subject": {Subject: pkix.Name{Names: attribute}}, "issuer": {Issuer: pkix.Name{Names: attribute}},
			"e-mail": {EmailAddresses: []string{name}},
		} {
			found := Deceptive(c)
			if (len(found) > 0) != (want != "") || want != "" && !strings.HasSuffix(found[0].Detail, " has the character "+want) {
				t.Errorf("%s %q: %v, want %q", whose, name, found, want)
			}
		}
	}
}
