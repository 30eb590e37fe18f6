package lint

import (
	"crypto/x509"
	"slices"

	"certgen/certs/pki"
)

// revocation holds the certificates of a path, or of what there is of one, against the lists of those who issued them.
func (t Target) revocation(want Expectations, trust trust) (found []Finding) {
	if len(want.CRLs) == 0 {
		return nil
	}
	paths := slices.Concat(trust.paths...)
	if len(paths) == 0 {
		path, _ := t.Path()
		paths = append(paths, path)
	}
	for _, path := range paths {
		for at, c := range path[:len(path)-1] {
			for _, f := range want.revocationOf(c, path[at+1]) {
				if !slices.Contains(found, f) {
					found = append(found, f)
				}
			}
		}
	}
	return found
}

// revocationOf asks the lists of the issuer of c about it.
func (want Expectations) revocationOf(c, issuer *x509.Certificate) (found []Finding) {
	for _, list := range want.CRLs {
		if !list.IsFor(c) {
			continue
		}
		list.Consult()
		if err := list.Check(issuer); err != nil {
			found = append(found, RuleCRLInvalid.Found("the revocation list %s: %v", list.Name, err))
			continue
		}
		switch {
		case list.NextUpdate.Before(want.Now) && !list.NextUpdate.IsZero():
			found = append(found, RuleCRLStale.Found("the revocation list %s was to be replaced by %s", list.Name, pki.FormatTime(list.NextUpdate)))
		case want.Now.Before(list.ThisUpdate):
			found = append(found, RuleCRLStale.Found("the revocation list %s is of %s, which is yet to come", list.Name, pki.FormatTime(list.ThisUpdate)))
		}
		if err := list.CheckNumber(); err != nil {
			found = append(found, RuleCRLNumber.Found("the revocation list %s: %v", list.Name, err))
		}
		if list.Revokes(c.SerialNumber) {
			found = append(found, RuleRevoked.Found("%s is on the revocation list %s", pki.CertName(c), list.Name))
		}
	}
	return found
}
