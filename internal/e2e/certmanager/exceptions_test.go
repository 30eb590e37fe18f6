package certmanager

import (
	"regexp"
	"testing"
)

// exception is a difference between the two that is let pass, and why. One that is never met is a failure: it would hide
// what nobody looked at.
type exception struct {
	where, difference string // regular expressions: the place in a portrait, and both of its words
	reason            string
}

// allowed are the differences between what cert-manager made and what certgen made.
func allowed() []exception {
	return []exception{
		{`^label app\.kubernetes\.io/managed-by$`, `^cert-manager has none, certgen "certgen"$`, "certgen's own label, without which it does not touch a Secret again"},
		{`^annotation certgen\.dev/(renew|spec)`, `^cert-manager has none, `, "certgen has no Certificate to look at when it renews"},
		{`extension 2\.5\.29\.14$`, `^cert-manager has none, certgen the key's$`, "a leaf has a subject key identifier too, as RFC 5280 advises (4.2.1.2); cert-manager leaves it to Go, which gives it to CAs only"},
		{`extension 2\.5\.29\.35$`, `^cert-manager has none, certgen that of the certificate itself: true$`, "certgen names the key of a self-signed certificate's issuer, which RFC 5280 leaves open (4.2.1.1)"},
		{`life$`, `^cert-manager 1h0m1s, certgen 1h0m0s$`, "of a fraction of a second, cert-manager's certificate has a whole one or none, as the time of day is"},
		{`(subject|issuer)$`, `0a0992268993f22c64011913.*, certgen .*0a0992268993f22c64011916`, "a domain component is an IA5String (RFC 5280, appendix A); cert-manager writes a PrintableString"},
		{`extension 2\.5\.29\.30$`, `55505045522e6578616d706c65.*, certgen .*75707065722e6578616d706c65`, "certgen writes the domains of constraints in small letters: some clients compare them as they are"},
	}
}

// stricter are the messages with which certgen refuses what cert-manager issues.
func stricter() []exception {
	return []exception{
		{"", `^duration .*: longer than the CA lives`, "cert-manager signs beyond the CA's end, when nobody accepts the certificate any more"},
		{"", `^dnsNames( .*)?: empty`, "nobody can be reached by an empty name"},
		{"", `^dnsNames .*: white space and control characters`, "nobody can be reached by it"},
		{"", `^privateKey\.size .*: an RSA key has 2048 to 8192 bits, a multiple of 8`, "keys of other sizes are refused by much software, and never meant"},
		{"", `^literalSubject .*: hexadecimal values`, "no tool writes them for a text"},
		{"", `^renewBeforePercentage .*: must be 1 to 99`, "cert-manager looks at the percentage only where a duration or renewBefore is written, too"},
		{"", `has the critical extension 2\.5\.29\.17`, "without a subject, a certificate that has other names alone is refused by all of Go's clients"},
		{"", `keystores\.jks\.alias "ca": the root has this alias`, "cert-manager's store has no key then"},
		{"", `^issuerRef .*: the certificate would bear the same subject as the CA`, "clients take it for self-signed"},
	}
}

// tally counts how often exceptions were met.
type tally struct {
	all []exception
	met []int
}

func newTally(all []exception) *tally { return &tally{all, make([]int, len(all))} }

// allows says whether an exception lets a difference pass.
func (c *tally) allows(where, difference string) bool {
	for i, e := range c.all {
		if regexp.MustCompile(e.where).MatchString(where) && regexp.MustCompile(e.difference).MatchString(difference) {
			c.met[i]++
			return true
		}
	}
	return false
}

// unmet fails for the exceptions that nothing needed.
func (c *tally) unmet(t testing.TB) {
	t.Helper()
	for i, e := range c.all {
		if c.met[i] == 0 {
			t.Errorf("the exception %q %q (%s) is not needed", e.where, e.difference, e.reason)
		} else {
			t.Logf("%d times let pass: %q %q: %s", c.met[i], e.where, e.difference, e.reason)
		}
	}
}
