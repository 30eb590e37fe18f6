package lint

import (
	"crypto/x509"
	"slices"

	"certgen/certs/pki"
)

// lintBundle judges CA certificates, each for itself: they need not have to do with each other. Without
// roots from elsewhere, its own roots are trusted for being there, and of the others those are verified
// whose issuer is among them.
func (t Target) lintBundle(want Expectations) []Finding {
	all := pki.Unique(t.Chain)
	var none trust // each of them is needed
	found := validity(all, want.Now, none)
	found = append(found, deceptiveNames(all)...)
	own := Target{Chain: all}
	subjects := make(map[string]bool, len(all))
	for _, c := range all {
		subjects[string(c.RawSubject)] = true
		if want.Roots == nil && selfSigned(c) {
			own.CA = append(own.CA, c)
		}
	}
	verified := make(map[*x509.Certificate]bool, len(all))
	for _, c := range all {
		if want.Roots == nil && (slices.Contains(own.CA, c) || !subjects[string(c.RawIssuer)]) || verified[c] {
			continue
		}
		trust := own.trust(c, want)
		for _, path := range slices.Concat(trust.paths...) {
			for _, above := range path {
				verified[above] = true
			}
		}
		for _, f := range trust.findings {
			if !slices.Contains(found, f) {
				found = append(found, f)
			}
		}
	}
	found = append(found, strength(nil, all, none)...)
	return append(found, want.formFindings(nil, t.authorities(nil, want, none), none)...)
}
