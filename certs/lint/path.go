package lint

import (
	"crypto/x509"
	"slices"

	"certgen/certs/pki"
)

// Path returns the certificates that lead from the leaf up to the root, as far as they are at hand,
// and those that have no part in it. The CA's that it does not need are in neither.
func (t Target) Path() (path, others []*x509.Certificate) {
	path = []*x509.Certificate{t.Leaf()}
	bySubject := make(map[string][]*x509.Certificate)
	for _, c := range append(slices.Clip(t.Chain), t.CA...) {
		bySubject[string(c.RawSubject)] = append(bySubject[string(c.RawSubject)], c)
	}
	used := map[*x509.Certificate]bool{path[0]: true}
	for c := path[0]; c != nil && !pki.SelfIssued(c); {
		named := bySubject[string(c.RawIssuer)]
		if c = pki.IssuerAmong(named[:min(len(named), pki.MaxTries)], c, used); c != nil {
			path, used[c] = append(path, c), true
		}
	}
	for _, c := range t.Chain {
		if !used[c] {
			others = append(others, c)
		}
	}
	return path, others
}
