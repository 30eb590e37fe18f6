package lint

import (
	"crypto/x509"
	"slices"

	"certgen/certs/lint/form"
	"certgen/certs/pki"
)

// strictly says whom a certificate breaks that is not as RFC 5280 wants it, roots included:
// https://docs.python.org/3/library/ssl.html#ssl.VERIFY_X509_STRICT
const strictly = "Python from 3.13 on, which holds certificates to all of RFC 5280; OpenSSL does with -x509_strict only"

const mendCA = "make a new CA (certgen ca create NAME), or ask its owner for a newer certificate"

// authorities returns the CA certificates that the leaf needs, or that are what is judged: of the chain, of the anchors
// beside it, and of the clients' roots those that are known and lead somewhere.
func (t Target) authorities(leaf *x509.Certificate, want Expectations, trust trust) (cas []*x509.Certificate) {
	all := slices.Concat(t.Chain, t.CA)
	for _, path := range slices.Concat(trust.paths...) {
		if root := path[len(path)-1]; slices.ContainsFunc(want.Anchors, root.Equal) {
			all = append(all, root)
		}
	}
	for _, c := range pki.Unique(all) {
		if c.BasicConstraintsValid && c.IsCA && !(leaf != nil && c.Equal(leaf)) {
			cas = append(cas, c)
		}
	}
	return cas
}

// formFindings judges the form of the leaf, if it is not nil, of the CAs, and of each beside its issuer.
func (want Expectations) formFindings(leaf *x509.Certificate, cas []*x509.Certificate, trust trust) (found []Finding) {
	judge := func(c *x509.Certificate, role form.Role) {
		faults := form.Certificate(c, role)
		if want.Profile == Public {
			faults = append(faults, form.Public(c, role)...)
		}
		for _, f := range faults {
			exempt := f.ID == form.ConstraintsOptional && want.Profile == Public || // section 7.1.2.5.2 of its requirements
				f.ID == form.CommonName && slices.Contains(want.Hosts, c.Subject.CommonName) // which is a finding already
			if !exempt && (trust.needs(c) || f.ID == form.CAKeyUsage) {
				found = append(found, Finding{trust.rule(ruleOf(f.ID), c), f.Detail})
			}
		}
	}
	if leaf != nil {
		judge(leaf, form.Leaf)
	}
	for _, c := range cas {
		if slices.ContainsFunc(want.Anchors, c.Equal) || trust.endsAt(c) || selfSigned(c) {
			judge(c, form.Anchor)
		} else {
			judge(c, form.Issuer)
		}
	}
	return append(found, trust.issued()...)
}

// issued judges each certificate of a path beside its issuer, on that path of each set of roots which has least faults.
func (t trust) issued() (found []Finding) {
	for _, paths := range t.paths {
		var least []form.Fault
		for i, path := range paths {
			var faults []form.Fault
			for at, c := range path[:len(path)-1] {
				faults = append(faults, form.Issued(c, path[at+1])...)
			}
			if i == 0 || len(faults) < len(least) {
				least = faults
			}
		}
		for _, f := range least {
			if finding := (Finding{ruleOf(f.ID), f.Detail}); !slices.Contains(found, finding) {
				found = append(found, finding)
			}
		}
	}
	return found
}

// deceptiveNames finds names that do not show as what they are.
func deceptiveNames(chain []*x509.Certificate) (found []Finding) {
	for _, c := range chain {
		for _, f := range form.Deceptive(c) {
			found = append(found, Finding{RuleDeceptiveName, f.Detail})
		}
	}
	return found
}

// mayNotSign reports whether the key usage of a CA keeps it from signing certificates.
func mayNotSign(c *x509.Certificate) bool {
	return c.IsCA && c.KeyUsage != 0 && c.KeyUsage&x509.KeyUsageCertSign == 0
}
