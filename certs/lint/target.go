package lint

import (
	"crypto"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"slices"
	"time"

	"certgen/certs/pki"
)

// Target is a certificate to lint, with what belongs to it, as a server would send it.
type Target struct {
	Chain []*x509.Certificate // in the order found; at least one
	Key   crypto.Signer       // nil where it is not at hand, which is no finding by itself
	CA    []*x509.Certificate // the trust anchors that are kept beside it (ca.crt)

	// Vouched says that the leaf is known to lead over the rest of Chain to CA: only the leaf itself is looked at.
	Vouched bool
}

// knownKeys are keys that everybody has, by the SHA-256 of their SubjectPublicKeyInfo.
var knownKeys = map[string]string{
	"01d03d001824abcef39a9db9baac2ade1b7e8b2ed9a36c00c196d20583a9ef3f": `the sample of the Kubernetes tutorial "Connecting Applications with Services"`,
}

// Lint returns all that is wrong, not only the first. CA certificates that name no host are judged as
// such: what servers' certificates must have, they need not.
//
// Dates are compared by the second, which is all that certificates can say.
func (t Target) Lint(want Expectations) []Finding {
	want.Now = want.Now.Truncate(time.Second)
	if t.asBundle(want) {
		return want.Profile.raise(t.lintBundle(want))
	}
	return want.Profile.raise(t.lint(want))
}

func (t Target) lint(want Expectations) (found []Finding) {
	leaf := t.linted()
	if t.Key != nil && !pki.Certifies(leaf, t.Key) {
		found = append(found, RuleKeyMismatch.Found("the private key is not that of %s", pki.CertName(leaf)))
	}
	spki := sha256.Sum256(leaf.RawSubjectPublicKeyInfo)
	if whose, ok := knownKeys[hex.EncodeToString(spki[:])]; ok {
		found = append(found, RuleKnownKey.Found("its private key is published: it is %s", whose))
	}
	distinct := pki.Unique(t.Chain)
	trust := t.trust(leaf, want)
	found = append(found, validity(distinct, want.Now, trust)...)
	purpose := want.purpose(leaf)
	if purpose != ForCA || t.Key != nil { // a CA's owner can renew it
		found = append(found, dueFindings(leaf, want)...)
	}
	if purpose.server() {
		found = append(found, lifeFindings(leaf)...)
		found = append(found, nameFindings(leaf, want.Hosts)...)
	}
	found = append(found, deceptiveNames(distinct)...)
	found = append(found, t.order(leaf, distinct, trust)...)
	found = append(found, trust.findings...)
	found = append(found, strength(leaf, distinct, trust)...)
	found = append(found, weakAnchors(t.CA, distinct)...)
	found = append(found, usageFindings(leaf, purpose)...)
	found = append(found, t.revocation(want, trust)...)
	if purpose == ForCA {
		return append(found, want.formFindings(nil, t.authorities(nil, want, trust), trust)...)
	}
	return append(found, want.formFindings(leaf, t.authorities(leaf, want, trust), trust)...)
}

// Leaf returns the certificate that the key belongs to. That is the first one, which a server takes for
// its own, where no other fits better.
func (t Target) Leaf() *x509.Certificate {
	if t.Key == nil || pki.Certifies(t.Chain[0], t.Key) {
		return t.Chain[0]
	}
	for _, c := range t.Chain {
		if pki.Certifies(c, t.Key) {
			return c
		}
	}
	return t.Chain[0]
}

// linted is the certificate that is judged, and the others as the way to it: the leaf. Where the key is not
// at hand and a CA's certificate comes first, it is a server's behind it, which nobody may think to be fine.
func (t Target) linted() *x509.Certificate {
	leaf := t.Leaf()
	if t.Key != nil || !IsAuthority(leaf) {
		return leaf
	}
	i := slices.IndexFunc(t.Chain, func(c *x509.Certificate) bool { return !IsAuthority(c) && !pki.SelfIssued(c) })
	if i < 0 {
		return leaf
	}
	return t.Chain[i]
}

// KeyMatches reports whether the key is there and belongs to the leaf.
func (t Target) KeyMatches() bool { return t.Key != nil && pki.Certifies(t.Leaf(), t.Key) }

// IsBundle reports whether it is a collection of CA certificates, as in a ca.crt, and not a server's. Old
// roots do not always say that they are CAs.
func (t Target) IsBundle() bool {
	if t.Key != nil || len(t.Chain) == 0 {
		return false
	}
	is := func(kind func(*x509.Certificate) bool) bool {
		return !slices.ContainsFunc(t.Chain, func(c *x509.Certificate) bool { return !kind(c) })
	}
	return is(IsAuthority) || len(t.Chain) > 1 && is(pki.SelfIssued)
}

// asBundle reports whether it is judged as a bundle: not where it is to be a server's.
func (t Target) asBundle(want Expectations) bool {
	return t.IsBundle() && len(want.Hosts) == 0 && (want.For == AsItSays || want.For == ForCA)
}

// OnlyLookedAt reports whether there is nothing to verify a bundle against: its roots are trusted for being
// there, so that [Target.Lint] finds nothing says little.
func (t Target) OnlyLookedAt(want Expectations) bool { return t.asBundle(want) && want.Roots == nil }

// IsRooted reports whether its trust can be judged without roots from elsewhere: it has its own CA, is
// its own trust anchor, or is a bundle with a root.
func (t Target) IsRooted() bool {
	if t.IsBundle() {
		return slices.ContainsFunc(t.Chain, selfSigned)
	}
	return len(t.CA) > 0 || selfSigned(t.linted())
}

// IsAuthority tells the certificate of a CA from that of a server which is marked as a CA by mistake, as
// the default of "openssl req -x509" does: a CA says that it signs certificates or revocation lists, and names no host.
func IsAuthority(c *x509.Certificate) bool {
	return c.IsCA && c.KeyUsage&(x509.KeyUsageCertSign|x509.KeyUsageCRLSign) != 0 && len(c.DNSNames)+len(c.IPAddresses) == 0 &&
		!slices.Contains(c.ExtKeyUsage, x509.ExtKeyUsageServerAuth)
}

// selfSigned is stricter than [pki.SelfIssued]: a CA that renews its key may issue a certificate to its own name.
func selfSigned(c *x509.Certificate) bool { return pki.SelfIssued(c) && pki.Signs(c, c) }

// validity judges the dates of all certificates.
func validity(chain []*x509.Certificate, now time.Time, trust trust) (found []Finding) {
	for _, c := range chain {
		switch {
		case c.NotAfter.Before(c.NotBefore): // a finding of its own
		case now.After(c.NotAfter):
			found = append(found, trust.rule(RuleExpired, c).Found("%s expired at %s", pki.CertName(c), pki.FormatTime(c.NotAfter)))
		case now.Before(c.NotBefore):
			found = append(found, trust.rule(RuleNotYetValid, c).Found("%s is not valid before %s", pki.CertName(c), pki.FormatTime(c.NotBefore)))
		}
	}
	return found
}
