package lint

import (
	"bytes"
	"crypto"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"errors"
	"slices"
	"strings"
	"time"

	"certgen/certs/pki"
)

// Target is a certificate under examination, with what belongs to it, as a server would send it.
type Target struct {
	Chain []*x509.Certificate // in the order found; at least one
	Key   crypto.Signer       // nil where it is not at hand, which is no finding by itself
	CA    []*x509.Certificate // the trust anchors that are kept beside it (ca.crt)
}

// Expectations are what an [Target] is held against.
type Expectations struct {
	Hosts       []string // names under which clients reach the server
	Now         time.Time
	RenewBefore time.Duration // as in [KeyPair.RenewAt]

	// Roots are the trust anchors of the clients. The Target's own CA is held against the chain as well.
	// Where there is neither, trust is not judged.
	Roots *x509.CertPool
}

// The bounds of the rules. Their sources:
//   - maxLife: https://support.apple.com/en-us/103769
//   - minSerialBits: the CA/Browser Forum asks for 64 random bits; that as few as 48 of them are needed
//     to write the number happens once in 65,536 times.
const (
	maxLife       = 825 * pki.Day
	minSerialBits = 48
)

// knownKeys are keys that everybody has, by the SHA-256 of their SubjectPublicKeyInfo.
var knownKeys = map[string]string{
	"01d03d001824abcef39a9db9baac2ade1b7e8b2ed9a36c00c196d20583a9ef3f": `the sample of the Kubernetes tutorial "Connecting Applications with Services"`,
}

// Findings examines everything and returns all that is wrong, not only the first. CA certificates that
// name no host are judged as such: what servers' certificates must have, they need not.
func (t Target) Lint(want Expectations) []Finding {
	if t.IsBundle() && len(want.Hosts) == 0 {
		all := pki.Unique(t.Chain)
		return append(validity(all, want.Now), strength(nil, all)...)
	}
	chain := t.Chain
	var found []Finding
	add := func(rule Rule, format string, args ...any) { found = append(found, rule.Found(format, args...)) }

	leaf := t.Leaf()
	switch {
	case leaf != chain[0]:
		add(RuleChainOrder, "the key belongs to certificate %d, %s, not to the first", slices.Index(chain, leaf)+1, pki.CertName(leaf))
	case t.Key != nil && !t.KeyMatches():
		add(RuleKeyMismatch, "the private key is not that of %s", pki.CertName(leaf))
	}
	spki := sha256.Sum256(leaf.RawSubjectPublicKeyInfo)
	if whose, ok := knownKeys[hex.EncodeToString(spki[:])]; ok {
		add(RuleKnownKey, "its private key is published: it is %s", whose)
	}
	distinct := pki.Unique(chain)
	found = append(found, validity(distinct, want.Now)...)
	server := !IsAuthority(leaf) || len(want.Hosts) > 0
	if server {
		found = append(found, lifeFindings(leaf, want)...)
		found = append(found, nameFindings(leaf, want.Hosts)...)
	}
	found = append(found, t.chainFindings(leaf, want)...)
	found = append(found, strength(leaf, distinct)...)
	if server {
		found = append(found, usageFindings(leaf)...)
	}
	return found
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

// KeyMatches reports whether the key is there and belongs to the leaf.
func (t Target) KeyMatches() bool { return t.Key != nil && pki.Certifies(t.Leaf(), t.Key) }

// IsBundle reports whether it is a collection of CA certificates, as in a ca.crt, and not a chain: of these
// at most the last is a root. Old roots do not always say that they are CAs.
func (t Target) IsBundle() bool {
	if t.Key != nil || len(t.Chain) == 0 {
		return false
	}
	is := func(kind func(*x509.Certificate) bool) bool {
		return !slices.ContainsFunc(t.Chain, func(c *x509.Certificate) bool { return !kind(c) })
	}
	return is(IsAuthority) || len(t.Chain) > 1 && is(pki.SelfIssued)
}

// IsAuthority tells the certificate of a CA from that of a server which is marked as a CA by mistake, as
// the default of "openssl req -x509" does: a CA says that it signs certificates, and names no host.
func IsAuthority(c *x509.Certificate) bool {
	return c.IsCA && c.KeyUsage&x509.KeyUsageCertSign != 0 && len(c.DNSNames)+len(c.IPAddresses) == 0 &&
		!slices.Contains(c.ExtKeyUsage, x509.ExtKeyUsageServerAuth)
}

// validity judges the dates of all certificates.
func validity(chain []*x509.Certificate, now time.Time) (found []Finding) {
	for _, c := range chain {
		switch {
		case now.After(c.NotAfter):
			found = append(found, RuleExpired.Found("%s expired at %s", pki.CertName(c), pki.FormatTime(c.NotAfter)))
		case now.Before(c.NotBefore):
			found = append(found, RuleNotYetValid.Found("%s is not valid before %s", pki.CertName(c), pki.FormatTime(c.NotBefore)))
		}
	}
	return found
}

// lifeFindings judges the life of a server's certificate.
func lifeFindings(leaf *x509.Certificate, want Expectations) (found []Finding) {
	due := (&pki.KeyPair{Leaf: leaf}).RenewAt(want.RenewBefore)
	if !want.Now.Before(due) && !want.Now.After(leaf.NotAfter) {
		found = append(found, RuleDue.Found("due since %s, valid until %s", pki.FormatTime(due), pki.FormatTime(leaf.NotAfter)))
	}
	if life := leaf.NotAfter.Sub(leaf.NotBefore); life > maxLife {
		found = append(found, RuleLongLife.Found("valid for %d days, more than %d", life/pki.Day, maxLife/pki.Day))
	}
	return found
}

// nameFindings judges what the leaf certifies.
func nameFindings(leaf *x509.Certificate, hosts []string) (found []Finding) {
	names := (&pki.KeyPair{Leaf: leaf}).Names()
	cn := leaf.Subject.CommonName
	if len(names) == 0 {
		if _, err := pki.ParseDNSName(cn); err == nil {
			found = append(found, RuleCNOnly.Found("the common name %q is its only name", cn))
		} else {
			found = append(found, RuleNoSAN.Found("no subject alternative name"))
		}
		if cn != "" {
			names = []string{"common name " + cn}
		}
	}
	for _, host := range hosts {
		if leaf.VerifyHostname(host) != nil {
			found = append(found, RuleNameNotCovered.Found("%s is not among its names: %s", host, pki.ShortList(names)))
		}
	}
	return found
}

// chainFindings judges the order of the chain and whether it leads to a trust anchor.
func (t Target) chainFindings(leaf *x509.Certificate, want Expectations) (found []Finding) {
	intermediates := x509.NewCertPool()
	previous := leaf
	inOrder := true
	for _, c := range t.Chain {
		if c == leaf {
			continue
		}
		intermediates.AddCert(c)
		if pki.SelfIssued(c) {
			found = append(found, RuleRootInChain.Found("%s is a root", pki.CertName(c)))
		}
		inOrder = inOrder && bytes.Equal(previous.RawIssuer, c.RawSubject)
		previous = c
	}
	if !inOrder && leaf == t.Chain[0] {
		found = append(found, RuleChainOrder.Found("%s does not come right behind what it signed", pki.CertName(previous)))
	}
	options := x509.VerifyOptions{
		Intermediates: intermediates,
		CurrentTime:   commonTime(t.Chain, want.Now),
		KeyUsages:     []x509.ExtKeyUsage{x509.ExtKeyUsageAny},
	}
	if options.Roots = want.Roots; options.Roots != nil {
		found = t.trust(found, leaf, options, RuleUntrusted)
	}
	if len(t.CA) > 0 {
		options.Roots = x509.NewCertPool()
		for _, c := range t.CA {
			options.Roots.AddCert(c)
		}
		found = t.trust(found, leaf, options, RuleCADoesNotVerify)
	}
	return found
}

// trust adds to found what keeps the leaf from being trusted, if anything does and it is not there yet.
func (t Target) trust(found []Finding, leaf *x509.Certificate, options x509.VerifyOptions, untrusted Rule) []Finding {
	_, err := leaf.Verify(options)
	var invalid x509.CertificateInvalidError
	var unknown x509.UnknownAuthorityError
	var f Finding
	switch {
	case err == nil:
		return found
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		// The chain's own dates are judged elsewhere; a root that is out of date is untrusted.
		if slices.ContainsFunc(t.Chain, invalid.Cert.Equal) {
			return found
		}
		f = RuleExpired.Found("the root %s is out of date", pki.CertName(invalid.Cert))
	case errors.As(err, &invalid):
		f = RuleNotPermitted.Found("%s", strings.TrimPrefix(pki.Shorten(err.Error()), "x509: "))
	case errors.As(err, &unknown) && slices.ContainsFunc(t.Chain, weaklySigned):
		return found // the signature is the reason, and a finding of its own
	case errors.As(err, &unknown) && t.missesIssuer(leaf):
		f = RuleMissingIntermediate.Found("the certificate of its issuer %s is neither in the chain nor trusted", pki.IssuerName(t.top(leaf)))
	case errors.As(err, &unknown):
		f = untrusted.Found("%s does not lead to a trusted root", pki.CertName(leaf))
	default:
		f = untrusted.Found("%s does not lead to a trusted root: %s", pki.CertName(leaf), strings.TrimPrefix(pki.Shorten(err.Error()), "x509: "))
	}
	if slices.Contains(found, f) {
		return found
	}
	return append(found, f)
}

// top follows the chain by issuer names from the leaf upwards.
func (t Target) top(leaf *x509.Certificate) *x509.Certificate {
	bySubject := make(map[string]*x509.Certificate, len(t.Chain))
	for _, c := range t.Chain {
		bySubject[string(c.RawSubject)] = c
	}
	c := leaf
	for range t.Chain {
		issuer := bySubject[string(c.RawIssuer)]
		if issuer == nil || issuer == c {
			break
		}
		c = issuer
	}
	return c
}

// missesIssuer reports whether the chain ends below a CA that is not at hand, and that CA is not one
// of the trust anchors by name, which would be another fault: a root with another key.
func (t Target) missesIssuer(leaf *x509.Certificate) bool {
	top := t.top(leaf)
	return !pki.SelfIssued(top) && !slices.ContainsFunc(t.CA, func(c *x509.Certificate) bool {
		return bytes.Equal(c.RawSubject, top.RawIssuer)
	})
}

// commonTime is now, or where a certificate is not valid now the nearest time at which most of the chain
// is, so that dates, which are findings of their own, do not hide the rest.
func commonTime(chain []*x509.Certificate, now time.Time) time.Time {
	for _, c := range chain {
		if now.Before(c.NotBefore) {
			now = c.NotBefore
		}
	}
	for _, c := range chain {
		if now.After(c.NotAfter) {
			now = c.NotAfter
		}
	}
	return now
}

// strength judges signatures and keys. That of a root's signature counts for nothing, unless the root is
// the leaf: it is trusted for being there.
func strength(leaf *x509.Certificate, chain []*x509.Certificate) (found []Finding) {
	for _, c := range chain {
		if weaklySigned(c) && (c == leaf || !pki.SelfIssued(c)) {
			found = append(found, RuleWeakSignature.Found("%s is signed with %s", pki.CertName(c), c.SignatureAlgorithm))
		}
		if reason := weakKey(c.PublicKey); reason != "" {
			found = append(found, RuleWeakKey.Found("%s has %s", pki.CertName(c), reason))
		}
	}
	return found
}

// usageFindings judges what a server's certificate may be used for, and its number.
func usageFindings(leaf *x509.Certificate) (found []Finding) {
	add := func(rule Rule, format string, args ...any) { found = append(found, rule.Found(format, args...)) }
	spec := pki.KeySpecOf(leaf.PublicKey)
	switch {
	case leaf.KeyUsage == 0:
	case leaf.KeyUsage&x509.KeyUsageDigitalSignature == 0:
		add(RuleKeyUsage, "the key usage does not include digitalSignature")
	case spec.Algorithm != pki.RSA && leaf.KeyUsage&(x509.KeyUsageKeyEncipherment|x509.KeyUsageDataEncipherment) != 0:
		add(RuleKeyUsage, "the key usage includes encipherment, which a key of type %s cannot do", spec)
	}
	if len(leaf.ExtKeyUsage)+len(leaf.UnknownExtKeyUsage) > 0 &&
		!slices.Contains(leaf.ExtKeyUsage, x509.ExtKeyUsageServerAuth) && !slices.Contains(leaf.ExtKeyUsage, x509.ExtKeyUsageAny) {
		add(RuleNoServerAuth, "it may be used for %s only", pki.ShortList(append(pki.FormatUsages(0, leaf.ExtKeyUsage), pki.UnknownUsages(leaf)...)))
	}
	if leaf.IsCA {
		add(RuleCAFlag, "it is marked as a CA (basic constraint CA:TRUE)")
	}
	if bits := leaf.SerialNumber.BitLen(); bits < minSerialBits {
		add(RuleShortSerial, "the serial number has %d bits", bits)
	}
	return found
}

// weaklySigned reports whether clients refuse the algorithm of c's signature.
func weaklySigned(c *x509.Certificate) bool {
	switch c.SignatureAlgorithm {
	case x509.MD2WithRSA, x509.MD5WithRSA, x509.SHA1WithRSA, x509.DSAWithSHA1, x509.DSAWithSHA256, x509.ECDSAWithSHA1:
		return true
	}
	return false
}

// weakKey says why clients refuse a public key, "" where they do not.
func weakKey(pub crypto.PublicKey) string {
	switch spec := pki.KeySpecOf(pub); {
	case spec.Algorithm == pki.RSA && spec.Size < pki.MinRSA, spec.Algorithm == pki.RSA && spec.Size > pki.MaxRSA:
		return "an RSA key of " + strings.TrimPrefix(spec.String(), "RSA ") + " bits"
	case spec.Algorithm == pki.ECDSA && spec.Size < 256:
		return "an elliptic-curve key of less than 256 bits"
	case spec.Algorithm != pki.RSA && spec.Algorithm != pki.ECDSA && spec.Algorithm != pki.Ed25519:
		return "a key of a type that TLS no longer uses"
	}
	return ""
}

// IsRooted reports whether its trust can be judged without roots from elsewhere: it has its own CA, is
// its own trust anchor, or is a collection of these.
func (t Target) IsRooted() bool {
	return len(t.CA) > 0 || t.IsBundle() || pki.SelfIssued(t.Chain[0])
}
