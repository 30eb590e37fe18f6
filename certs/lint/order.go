package lint

import (
	"bytes"
	"crypto/x509"
	"slices"

	"certgen/certs/pki"
)

// order judges what stands where in the chain, and what does not belong there. Clients sort it themselves;
// servers take the first for their own.
func (t Target) order(leaf *x509.Certificate, chain []*x509.Certificate, trust trust) (found []Finding) {
	at := slices.Index(t.Chain, leaf) + 1
	switch {
	case at > 1 && t.Key != nil:
		found = append(found, RuleChainOrder.Found("the key belongs to certificate %d, %s, not to the first", at, pki.CertName(leaf)))
	case at > 1:
		found = append(found, RuleChainOrder.Found("the first certificate is that of a CA, and the server's own, %s, is number %d", pki.CertName(leaf), at))
	}
	misplaced := RuleChainOrder.warning()
	if last := outOfOrder(leaf, chain, trust); at == 1 && last != nil {
		found = append(found, misplaced.Found("%s does not come right behind what it signed", pki.CertName(last)))
	}
	for _, c := range chain {
		switch {
		case c == leaf:
		case selfSigned(c):
			found = append(found, RuleRootInChain.Found("%s is a root", pki.CertName(c)))
		case !trust.leadsOver(c) && !issuesByName(chain, c):
			found = append(found, misplaced.Found("%s is not part of the chain", pki.CertName(c)))
		}
	}
	if len(chain) < len(t.Chain) {
		found = append(found, misplaced.Found("it holds %d certificates, of which %d are repeated", len(t.Chain), len(t.Chain)-len(chain)))
	}
	return found
}

// issuesByName reports whether c may be another way from one of the chain to a root, as when a CA is signed by
// a second one.
func issuesByName(chain []*x509.Certificate, c *x509.Certificate) bool {
	return slices.ContainsFunc(chain, func(below *x509.Certificate) bool { return bytes.Equal(below.RawIssuer, c.RawSubject) })
}

// leadsOver reports whether a valid path leads over c. Where there is none, all may be part of one.
func (t trust) leadsOver(c *x509.Certificate) bool {
	on := func(path []*x509.Certificate) bool { return slices.ContainsFunc(path, c.Equal) }
	return len(t.paths) == 0 || slices.ContainsFunc(slices.Concat(t.paths...), on)
}

// outOfOrder returns a certificate of the chain that comes before what it signed, or is apart from it; nil
// where one of the valid paths, or by the names all, is in order.
func outOfOrder(leaf *x509.Certificate, chain []*x509.Certificate, trust trust) (last *x509.Certificate) {
	if len(trust.paths) == 0 {
		previous := leaf
		for _, c := range chain {
			if c != leaf {
				if !bytes.Equal(previous.RawIssuer, c.RawSubject) {
					last = c
				}
				previous = c
			}
		}
		return last
	}
	for _, path := range slices.Concat(trust.paths...) {
		if last = descends(chain, path); last == nil {
			return nil
		}
	}
	return last
}

// descends returns the first certificate of a path that comes earlier in the chain than the one below it.
func descends(chain, path []*x509.Certificate) *x509.Certificate {
	before := -1
	for _, c := range path {
		at := slices.IndexFunc(chain, c.Equal)
		switch {
		case at < 0: // a root is elsewhere
		case at < before:
			return c
		default:
			before = at
		}
	}
	return nil
}
