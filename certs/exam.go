package certs

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
)

// Exam is a certificate under examination, with what belongs to it, as a server would send it.
type Exam struct {
	Chain []*x509.Certificate // in the order found; at least one
	Key   crypto.Signer       // nil where it is not at hand, which is no finding by itself
	CA    []*x509.Certificate // the trust anchors that are kept beside it (ca.crt)
}

// Expectations are what an [Exam] is held against.
type Expectations struct {
	Hosts       []string // names under which clients reach the server
	Now         time.Time
	RenewBefore time.Duration // as in [KeyPair.RenewAt]

	// Roots are the trust anchors of the clients; nil means the Exam's own CA, and where it has none that
	// trust is not judged.
	Roots *x509.CertPool
}

// The bounds of the rules. Their sources:
//   - maxLife: https://support.apple.com/en-us/103769
//   - minSerialBits: the CA/Browser Forum asks for 64 random bits; that as few as 48 of them are needed
//     to write the number happens once in 65,536 times.
const (
	maxLife       = 825 * day
	minSerialBits = 48
)

// knownKeys are keys that everybody has, by the SHA-256 of their SubjectPublicKeyInfo.
var knownKeys = map[string]string{
	"01d03d001824abcef39a9db9baac2ade1b7e8b2ed9a36c00c196d20583a9ef3f": `the sample of the Kubernetes tutorial "Connecting Applications with Services"`,
}

// Findings examines everything and returns all that is wrong, not only the first.
func (e Exam) Findings(want Expectations) []Finding {
	chain := e.Chain
	var found []Finding
	add := func(rule Rule, format string, args ...any) { found = append(found, rule.found(format, args...)) }

	leaf := chain[0]
	if e.Key != nil && !certifies(leaf, e.Key) {
		if i := slices.IndexFunc(chain, func(c *x509.Certificate) bool { return certifies(c, e.Key) }); i > 0 {
			leaf = chain[i]
			add(RuleChainOrder, "the key belongs to certificate %d, %s, not to the first", i+1, certName(leaf))
		} else {
			add(RuleKeyMismatch, "the private key is not that of %s", certName(leaf))
		}
	}
	spki := sha256.Sum256(leaf.RawSubjectPublicKeyInfo)
	if whose, ok := knownKeys[hex.EncodeToString(spki[:])]; ok {
		add(RuleKnownKey, "its private key is published: it is %s", whose)
	}
	found = append(found, dateFindings(leaf, chain, want)...)
	found = append(found, nameFindings(leaf, want.Hosts)...)
	found = append(found, e.chainFindings(leaf, want)...)
	return append(found, leafFindings(leaf, chain)...)
}

func certifies(c *x509.Certificate, key crypto.Signer) bool {
	return (&KeyPair{Key: key, Leaf: c}).matches()
}

// dateFindings judges the dates of the whole chain, and the life of the leaf.
func dateFindings(leaf *x509.Certificate, chain []*x509.Certificate, want Expectations) (found []Finding) {
	for _, c := range chain {
		switch {
		case want.Now.After(c.NotAfter):
			found = append(found, RuleExpired.found("%s expired at %s", certName(c), formatTime(c.NotAfter)))
		case want.Now.Before(c.NotBefore):
			found = append(found, RuleNotYetValid.found("%s is not valid before %s", certName(c), formatTime(c.NotBefore)))
		}
	}
	due := (&KeyPair{Leaf: leaf}).RenewAt(want.RenewBefore)
	if !want.Now.Before(due) && !want.Now.After(leaf.NotAfter) {
		found = append(found, RuleDue.found("due since %s, valid until %s", formatTime(due), formatTime(leaf.NotAfter)))
	}
	if life := leaf.NotAfter.Sub(leaf.NotBefore); life > maxLife {
		found = append(found, RuleLongLife.found("valid for %d days, more than %d", life/day, maxLife/day))
	}
	return found
}

// nameFindings judges what the leaf certifies.
func nameFindings(leaf *x509.Certificate, hosts []string) (found []Finding) {
	names := (&KeyPair{Leaf: leaf}).Names()
	cn := leaf.Subject.CommonName
	if len(names) == 0 {
		if _, err := ParseDNSName(cn); err == nil {
			found = append(found, RuleCNOnly.found("the common name %q is its only name", cn))
		} else {
			found = append(found, RuleNoSAN.found("no subject alternative name"))
		}
		if cn != "" {
			names = []string{"common name " + cn}
		}
	}
	for _, host := range hosts {
		if leaf.VerifyHostname(host) != nil {
			found = append(found, RuleNameNotCovered.found("%s is not among its names: %s", host, shortList(names)))
		}
	}
	return found
}

// chainFindings judges the order of the chain and whether it leads to a trust anchor.
func (e Exam) chainFindings(leaf *x509.Certificate, want Expectations) (found []Finding) {
	intermediates := x509.NewCertPool()
	previous := leaf
	inOrder := true
	for _, c := range e.Chain {
		if c == leaf {
			continue
		}
		intermediates.AddCert(c)
		if selfIssued(c) {
			found = append(found, RuleRootInChain.found("%s is a root", certName(c)))
		}
		inOrder = inOrder && bytes.Equal(previous.RawIssuer, c.RawSubject)
		previous = c
	}
	if !inOrder && leaf == e.Chain[0] {
		found = append(found, RuleChainOrder.found("%s does not come right behind what it signed", certName(previous)))
	}
	roots, ruleUntrusted := want.Roots, RuleUntrusted
	if roots == nil && len(e.CA) > 0 {
		roots, ruleUntrusted = x509.NewCertPool(), RuleCADoesNotVerify
		for _, c := range e.CA {
			roots.AddCert(c)
		}
	}
	if roots == nil {
		return found
	}
	_, err := leaf.Verify(x509.VerifyOptions{
		Roots:         roots,
		Intermediates: intermediates,
		CurrentTime:   commonTime(e.Chain, want.Now),
		KeyUsages:     []x509.ExtKeyUsage{x509.ExtKeyUsageAny},
	})
	var invalid x509.CertificateInvalidError
	var unknown x509.UnknownAuthorityError
	switch {
	case err == nil:
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		// dateFindings has said it of the chain; a root that is out of date is untrusted.
		if !slices.ContainsFunc(e.Chain, invalid.Cert.Equal) {
			found = append(found, RuleExpired.found("the root %s is out of date", certName(invalid.Cert)))
		}
	case errors.As(err, &invalid):
		found = append(found, RuleNotPermitted.found("%s", strings.TrimPrefix(shorten(err.Error()), "x509: ")))
	case errors.As(err, &unknown) && slices.ContainsFunc(e.Chain, weaklySigned):
		// The signature is the reason, and a finding of its own.
	case errors.As(err, &unknown) && e.missesIssuer(leaf):
		found = append(found, RuleMissingIntermediate.found("the certificate of its issuer %s is neither in the chain nor trusted", shorten(FormatName(e.top(leaf).RawIssuer))))
	default:
		found = append(found, ruleUntrusted.found("%s does not lead to a trusted root", certName(leaf)))
	}
	return found
}

// top follows the chain by issuer names from the leaf upwards.
func (e Exam) top(leaf *x509.Certificate) *x509.Certificate {
	c := leaf
	for range e.Chain {
		i := slices.IndexFunc(e.Chain, func(issuer *x509.Certificate) bool {
			return issuer != c && bytes.Equal(c.RawIssuer, issuer.RawSubject)
		})
		if i < 0 {
			break
		}
		c = e.Chain[i]
	}
	return c
}

// missesIssuer reports whether the chain ends below a CA that is not at hand, and that CA is not one
// of the trust anchors by name, which would be another fault: a root with another key.
func (e Exam) missesIssuer(leaf *x509.Certificate) bool {
	top := e.top(leaf)
	return !selfIssued(top) && !slices.ContainsFunc(e.CA, func(c *x509.Certificate) bool {
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

// leafFindings judges what the leaf is made of.
func leafFindings(leaf *x509.Certificate, chain []*x509.Certificate) (found []Finding) {
	add := func(rule Rule, format string, args ...any) { found = append(found, rule.found(format, args...)) }
	for _, c := range chain {
		// That of a root counts for nothing: it is trusted for being there.
		if weaklySigned(c) && (c == leaf || !selfIssued(c)) {
			add(RuleWeakSignature, "%s is signed with %s", certName(c), c.SignatureAlgorithm)
		}
		if reason := weakKey(c.PublicKey); reason != "" {
			add(RuleWeakKey, "%s has %s", certName(c), reason)
		}
	}
	spec := KeySpecOf(leaf.PublicKey)
	switch {
	case leaf.KeyUsage == 0:
	case leaf.KeyUsage&x509.KeyUsageDigitalSignature == 0:
		add(RuleKeyUsage, "the key usage does not include digitalSignature")
	case spec.Algorithm != RSA && leaf.KeyUsage&(x509.KeyUsageKeyEncipherment|x509.KeyUsageDataEncipherment) != 0:
		add(RuleKeyUsage, "the key usage includes encipherment, which a key of type %s cannot do", spec)
	}
	if len(leaf.ExtKeyUsage)+len(leaf.UnknownExtKeyUsage) > 0 &&
		!slices.Contains(leaf.ExtKeyUsage, x509.ExtKeyUsageServerAuth) && !slices.Contains(leaf.ExtKeyUsage, x509.ExtKeyUsageAny) {
		add(RuleNoServerAuth, "it may be used for %s only", shortList(append(formatUsages(0, leaf.ExtKeyUsage), unknownUsages(leaf)...)))
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
	switch spec := KeySpecOf(pub); {
	case spec.Algorithm == RSA && spec.Size < minRSA, spec.Algorithm == RSA && spec.Size > maxRSA:
		return "an RSA key of " + strings.TrimPrefix(spec.String(), "RSA ") + " bits"
	case spec.Algorithm == ECDSA && spec.Size < 256:
		return "an elliptic-curve key of less than 256 bits"
	case spec.Algorithm != RSA && spec.Algorithm != ECDSA && spec.Algorithm != Ed25519:
		return "a key of a type that TLS no longer uses"
	}
	return ""
}
