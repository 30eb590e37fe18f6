package lint

import (
	"bytes"
	"crypto/x509"
	"errors"
	"slices"
	"strings"
	"time"

	"certgen/certs/chain"
	"certgen/certs/pki"
)

// trust is whether certificates lead to roots, which is asked of crypto/x509: clients look for a path among
// all that they are sent, in any order.
type trust struct {
	findings []Finding

	// paths are all valid paths, for each set of roots. Where one set has none, there are no paths.
	paths [][][]*x509.Certificate
}

// needs reports whether clients need c: there is no valid path, or each leads over c.
func (t trust) needs(c *x509.Certificate) bool {
	return !slices.ContainsFunc(t.paths, func(paths [][]*x509.Certificate) bool { return pathWithout(paths, c) }) ||
		slices.ContainsFunc(t.paths, func(paths [][]*x509.Certificate) bool { return !pathWithout(paths, c) })
}

// endsAt reports whether c is a root at the end of a path, for which its own signature need not be verified.
func (t trust) endsAt(c *x509.Certificate) bool {
	return pki.SelfIssued(c) && slices.ContainsFunc(t.paths, func(paths [][]*x509.Certificate) bool {
		return slices.ContainsFunc(paths, func(path []*x509.Certificate) bool { return path[len(path)-1].Equal(c) })
	})
}

func pathWithout(paths [][]*x509.Certificate, c *x509.Certificate) bool {
	return slices.ContainsFunc(paths, func(path []*x509.Certificate) bool { return !slices.ContainsFunc(path, c.Equal) })
}

// rule is what is said of c where it breaks r.
func (t trust) rule(r Rule, c *x509.Certificate) Rule {
	if t.needs(c) {
		return r
	}
	return r.unneeded()
}

// trust judges whether the leaf leads to the clients' roots, and to its own CA.
func (t Target) trust(leaf *x509.Certificate, want Expectations) trust {
	var v trust
	sound := true
	add := func(f Finding) {
		if f != (Finding{}) && !slices.Contains(v.findings, f) {
			v.findings = append(v.findings, f)
		}
	}
	judge := func(roots *x509.CertPool, anchors []*x509.Certificate, untrusted Rule) {
		for _, usages := range want.purpose(leaf).usages(leaf) {
			options := x509.VerifyOptions{Intermediates: poolOf(t.above(leaf)), Roots: roots, CurrentTime: want.Now, KeyUsages: usages}
			paths, found := t.paths(leaf, options, anchors, untrusted)
			if sound = sound && len(paths) > 0; len(paths) > 0 {
				v.paths = append(v.paths, paths)
			}
			add(found)
		}
	}
	if want.Roots != nil {
		judge(want.Roots, want.Anchors, RuleUntrusted)
	}
	switch {
	case len(t.CA) == 0:
	case t.Vouched && holds(leaf, want):
		v.paths = append(v.paths, [][]*x509.Certificate{append(slices.Clone(t.Chain), t.CA...)})
	default:
		judge(poolOf(t.CA), t.CA, RuleCADoesNotVerify)
	}
	if want.Roots == nil && len(t.CA) == 0 && selfSigned(leaf) {
		v.paths = append(v.paths, [][]*x509.Certificate{{leaf}})
	}
	switch {
	case !sound:
		v.paths = nil
	case IsAuthority(leaf):
		v.findings = append(v.findings, uselessCA(v.paths)...)
	}
	return v
}

// holds reports whether nothing is wrong with the leaf itself.
func holds(leaf *x509.Certificate, want Expectations) bool {
	for _, usages := range want.purpose(leaf).usages(leaf) {
		options := x509.VerifyOptions{Roots: poolOf([]*x509.Certificate{leaf}), CurrentTime: want.Now, KeyUsages: usages}
		if _, err := leaf.Verify(options); err != nil {
			return false
		}
	}
	return true
}

// paths returns the valid paths from the leaf to roots, of which the anchors are known, and what is to be said of them.
func (t Target) paths(leaf *x509.Certificate, options x509.VerifyOptions, anchors []*x509.Certificate, untrusted Rule) ([][]*x509.Certificate, Finding) {
	paths, err := leaf.Verify(options)
	if err == nil {
		lawful, broken := lawful(paths)
		switch {
		case len(lawful) > 0:
			return lawful, Finding{}
		case errors.As(broken, new(chain.TooMany)):
			return paths, RuleNotPermitted.butFew().Found("%v", broken)
		}
		return paths, RuleNotPermitted.onlyGo().Found("%v", broken)
	}
	lawful, broken := t.lenientPaths(leaf, options, anchors)
	if len(lawful) > 0 {
		return lawful, goRefuses(err)
	}
	found := t.obstacle(leaf, options, untrusted)
	if broken != nil && found.Rule.ID != RuleNotPermitted.ID {
		found = RuleNotPermitted.Found("%v", broken)
	}
	return nil, found
}

// above are the certificates that go with the leaf.
func (t Target) above(leaf *x509.Certificate) []*x509.Certificate {
	return slices.DeleteFunc(slices.Clone(t.Chain), func(c *x509.Certificate) bool { return c == leaf })
}

func poolOf(certs []*x509.Certificate) *x509.CertPool {
	pool := x509.NewCertPool()
	for _, c := range certs {
		pool.AddCert(c)
	}
	return pool
}

// obstacle is what keeps the leaf from leading to a root, beside the dates, the extensions and the weak
// signatures of the chain's own certificates: these are findings of their own. It is empty where there is nothing else.
func (t Target) obstacle(leaf *x509.Certificate, options x509.VerifyOptions, untrusted Rule) Finding {
	options.Intermediates = x509.NewCertPool()
	for _, c := range t.above(leaf) {
		options.Intermediates.AddCert(validAt(c, options.CurrentTime))
	}
	_, err := validAt(leaf, options.CurrentTime).Verify(options)
	var invalid x509.CertificateInvalidError
	var unknown x509.UnknownAuthorityError
	isUnknown := errors.As(err, &unknown)
	reason := ""
	if err != nil {
		reason = strings.TrimPrefix(pki.Shorten(err.Error()), "x509: ")
	}
	switch path := t.byName(leaf); {
	case err == nil:
		return Finding{}
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired && slices.ContainsFunc(t.Chain, invalid.Cert.Equal):
		return Finding{} // a verifier of the system goes by the encoded dates
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		return RuleExpired.Found("the root %s is out of date", pki.CertName(invalid.Cert))
	case errors.As(err, &invalid) && invalid.Reason == x509.IncompatibleUsage:
		return RuleNotPermitted.butJava().Found("%s", t.unfit(leaf))
	case errors.As(err, &invalid):
		return RuleNotPermitted.Found("%s", reason)
	case isUnknown && (slices.ContainsFunc(path, func(c *x509.Certificate) bool { return weak(leaf, c) }) || slices.ContainsFunc(path[1:], mayNotSign)):
		return Finding{}
	case isUnknown && t.missesIssuer(path[len(path)-1], options.Roots):
		return RuleMissingIntermediate.Found("the certificate of its issuer %s is neither in the chain nor trusted", pki.IssuerName(path[len(path)-1]))
	case isUnknown && unknown.Error() == unknownAuthority:
		return untrusted.Found("%s does not lead to a trusted root", pki.CertName(leaf))
	}
	return untrusted.Found("%s does not lead to a trusted root: %s", pki.CertName(leaf), reason)
}

// unknownAuthority is what crypto/x509 says where it has nothing to add.
var unknownAuthority = x509.UnknownAuthorityError{}.Error()

// validAt is c with a life around a time and without extensions that nobody knows, to see past these.
func validAt(c *x509.Certificate, now time.Time) *x509.Certificate {
	copied := *c
	copied.NotBefore, copied.NotAfter = now, now
	copied.UnhandledCriticalExtensions = nil
	return &copied
}

// unfit says which CA above the leaf is not for what the leaf is for.
func (t Target) unfit(leaf *x509.Certificate) string {
	path, _ := t.Path()
	for _, c := range path[1:] {
		if len(c.ExtKeyUsage)+len(c.UnknownExtKeyUsage) > 0 && !ServesTLS(c) {
			return pki.CertName(c) + " may certify for " + pki.ShortList(append(pki.FormatUsages(0, c.ExtKeyUsage), pki.UnknownUsages(c)...)) + " only"
		}
	}
	return "the CAs above it may not certify for what it is used for"
}

// uselessCA finds a CA below one that permits none, on every path: what such a CA signs is refused.
func uselessCA(all [][][]*x509.Certificate) []Finding {
	var limit *x509.Certificate
	for _, path := range slices.Concat(all...) {
		i := slices.IndexFunc(path, func(c *x509.Certificate) bool {
			return c.BasicConstraintsValid && c.MaxPathLen >= 0 && slices.Index(path, c) > c.MaxPathLen
		})
		if i < 0 {
			return nil
		}
		limit = path[i]
	}
	if limit == nil {
		return nil
	}
	return []Finding{RuleNotPermitted.ofCA().Found("%s permits %s below it, so nobody accepts what this one signs", pki.CertName(limit), chain.CountCAs(limit.MaxPathLen))}
}

// byName follows the chain by issuer names from the leaf upwards.
func (t Target) byName(leaf *x509.Certificate) []*x509.Certificate {
	bySubject := make(map[string]*x509.Certificate, len(t.Chain))
	for _, c := range t.Chain {
		bySubject[string(c.RawSubject)] = c
	}
	path := []*x509.Certificate{leaf}
	for range t.Chain {
		c := path[len(path)-1]
		issuer := bySubject[string(c.RawIssuer)]
		if issuer == nil || issuer == c {
			break
		}
		path = append(path, issuer)
	}
	return path
}

// missesIssuer reports whether the chain ends, with top, below a CA that is not at hand, and that CA is not
// one of the trust anchors by name, which would be another fault: a root with another key.
func (t Target) missesIssuer(top *x509.Certificate, roots *x509.CertPool) bool {
	isIssuer := func(subject []byte) bool { return bytes.Equal(subject, top.RawIssuer) }
	//nolint:staticcheck // it leaves out roots of the system alone, of which Windows and macOS have judged
	return !pki.SelfIssued(top) && !slices.ContainsFunc(roots.Subjects(), isIssuer) &&
		!slices.ContainsFunc(t.CA, func(c *x509.Certificate) bool { return isIssuer(c.RawSubject) })
}
