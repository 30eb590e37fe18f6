package certs

import (
	"crypto"
	"crypto/fips140"
	"crypto/rand"
	"crypto/x509"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"certgen/certs/encoding"
	"certgen/certs/pki"
)

// CA is a certification authority that signs with a key at hand.
type CA struct {
	key   crypto.Signer
	chain []*x509.Certificate // the issuing certificate, then each one's issuer; the root left out
	root  *x509.Certificate   // nil where the certificates given do not reach one

	published Published
	sound     bool // its path verifies while its certificates last, whatever it certifies
	insists   bool // a certificate that names something else is not kept
	anchored  bool // the highest certificate is the clients' trust anchor, a root or not
	renewed   bool // in time, with what it signed
}

// ParseCA reads a CA: its certificate in PEM, with those above it in any order, and its key in any form
// that [encoding.Read] takes, encrypted or not. The errors say which of the two is wrong; [CA.Admit] judges later
// whether the CA may sign at all.
func ParseCA(certPEM, key []byte, password encoding.Password) (*CA, error) {
	all, err := pki.ParseCertificates(certPEM)
	if err != nil {
		return nil, fmt.Errorf("the CA's certificate: %w", err)
	}
	material, err := encoding.Read(key, password)
	if err == nil && len(material.Keys) == 0 {
		err = errors.New("no private key in it")
	}
	if err != nil {
		return nil, fmt.Errorf("the CA's key: %w", err)
	}
	return newCA(all, material.Keys[0])
}

// newCA finds among all the certificate of the key, and those above it.
func newCA(all []*x509.Certificate, key crypto.Signer) (*CA, error) {
	var own *x509.Certificate // of several, as a renewal leaves them, the one that lasts longest
	for _, c := range all {
		if pki.Certifies(c, key) && (own == nil || c.NotAfter.After(own.NotAfter)) {
			own = c
		}
	}
	if own == nil {
		return nil, errors.New("the CA's key does not belong to the CA's certificate")
	}
	path, err := pki.Climb(own, pki.Unique(all))
	if err != nil {
		return nil, fmt.Errorf("the CA's certificate: %w", err)
	}
	ca := &CA{key: key, chain: path}
	if top := len(path) - 1; pki.Signs(path[top], path[top]) {
		ca.chain, ca.root = path[:top], path[top]
	}
	ca.sound = !ca.Restricts() && verifies(path)
	return ca, nil
}

// verifies reports whether crypto/x509 lets each certificate of a path sign the one before it, and the first one any leaf.
func verifies(path []*x509.Certificate) bool {
	for i, c := range path {
		switch {
		case !c.BasicConstraintsValid || !c.IsCA || len(c.UnhandledCriticalExtensions) > 0,
			c.KeyUsage != 0 && c.KeyUsage&x509.KeyUsageCertSign == 0,
			c.RequireExplicitPolicy > 0 || c.RequireExplicitPolicyZero, // of policies, which certgen writes none of
			i > 0 && path[i-1].CheckSignatureFrom(c) != nil:
			return false
		}
	}
	return true
}

// Certificate is the certificate whose key signs.
func (ca *CA) Certificate() *x509.Certificate { return ca.path()[0] }

// path is the issuing certificate and all known ones above it, the root included.
func (ca *CA) path() []*x509.Certificate {
	if ca.root != nil {
		return append(slices.Clip(ca.chain), ca.root)
	}
	return ca.chain
}

// Admit refuses what clients would refuse later: a CA that is not one or is out of date, a request
// that outlives it by wish, and names or usages that it or a CA above it may not certify.
func (ca *CA) Admit(r Request, now time.Time) error {
	var problems pki.Problems
	problem := func(hint, format string, args ...any) {
		problems = append(problems, pki.Problem{Field: pki.FieldIssuer, Value: ca.String(), Reason: fmt.Sprintf(format, args...), Hint: hint})
	}
	if key := pki.KeySpecOf(ca.key.Public()); key.Algorithm == pki.RSA && key.Size < pki.MinRSA && fips140.Enforced() {
		problem("make a new CA", "FIPS 140-only mode does not let an RSA key of %d bits sign", key.Size)
	}
	for depth, c := range ca.path() {
		below := depth // CAs in the chain, with the one that is asked for
		if r.IsCA {
			below++
		}
		who := "the CA"
		if depth > 0 {
			who = "its issuer " + pki.FormatName(c.RawSubject)
		}
		length := pki.PathLengthOf(c)
		switch {
		case !c.BasicConstraintsValid || !c.IsCA:
			problem("use a certificate with the basic constraint CA:TRUE", "%s is not a CA certificate", who)
		case c.KeyUsage != 0 && c.KeyUsage&x509.KeyUsageCertSign == 0:
			problem("", "the key usage of %s does not let it sign certificates", who)
		case length != nil && below > *length:
			problem("", "the path length of %s allows %d CAs below it, not %d", who, *length, below)
		case length != nil && r.PathLength != nil && below+*r.PathLength > *length:
			problems = append(problems, pki.Problem{Field: pki.FieldPathLength, Value: strconv.Itoa(*r.PathLength),
				Reason: fmt.Sprintf("the path length of %s allows at most %d", who, *length-below)})
		}
		for _, oid := range c.UnhandledCriticalExtensions {
			problem("", "%s has a critical extension that Go's clients do not know and so refuse: %s", who, oid)
		}
		if now.Before(c.NotBefore) {
			problem("", "%s is not valid before %s", who, pki.FormatTime(c.NotBefore))
		}
		if now.After(c.NotAfter) {
			problem("make a new CA", "%s expired at %s", who, pki.FormatTime(c.NotAfter))
		}
		for _, ext := range forbiddenUsages(c, r.ExtKeyUsages) {
			problem("", "%s may not certify the usage %q", who, ext)
		}
		// OpenSSL compares names without regard to case and to how they are encoded.
		if strings.EqualFold(pki.FormatName(c.RawSubject), pki.FormatSubject(r.Subject)) {
			problem("choose another --common-name or --subject", "the certificate would bear the same subject as %s, and clients would take it for self-signed", who)
		}
		problems = append(problems, nameConstraintProblems(c, r)...)
		problems = append(problems, subtreeProblems(c, r)...)
	}
	end := now.Add(r.Duration - pki.Backdate)
	if latest := ca.Latest(); r.DurationAsked && end.After(latest) && now.Before(latest) && !ca.renewsFor(r.Duration) {
		hint := "leave the duration out, and the certificate ends with its CA"
		if ca.renewed {
			hint += "; or give the CA a longer one"
		}
		problems = append(problems, pki.Problem{Field: pki.FieldDuration, Value: pki.FormatDuration(r.Duration),
			Reason: fmt.Sprintf("longer than the CA lives (until %s)", pki.FormatTime(latest)), Hint: hint})
	}
	return problems.Err()
}

// Renewed returns the CA for one who renews it in time, and then what it signed: a certificate may ask for more life than is left
// of the CA, and ends with it, but not for more than the whole life of the CA.
func (ca *CA) Renewed() *CA {
	same := *ca
	same.renewed = true
	return &same
}

// renewsFor reports whether a certificate that ends with its CA will have its duration from the next one on.
func (ca *CA) renewsFor(duration time.Duration) bool {
	own := ca.Certificate()
	return ca.renewed && duration <= own.NotAfter.Sub(own.NotBefore)
}

// forbiddenUsages names those of the wanted extended key usages that a CA restricted to others may not
// certify. RFC 5280 leaves the rule open; OpenSSL, Go and Windows all apply it.
func forbiddenUsages(c *x509.Certificate, wanted []x509.ExtKeyUsage) []string {
	if len(c.ExtKeyUsage)+len(c.UnknownExtKeyUsage) == 0 || slices.Contains(c.ExtKeyUsage, x509.ExtKeyUsageAny) {
		return nil
	}
	var missing []x509.ExtKeyUsage
	for _, ext := range wanted {
		if !slices.Contains(c.ExtKeyUsage, ext) {
			missing = append(missing, ext)
		}
	}
	return pki.FormatUsages(0, missing)
}

// Restricts reports whether the CA, or one above it, may not certify everything: names, usages or further CAs.
func (ca *CA) Restricts() bool {
	return slices.ContainsFunc(ca.path(), func(c *x509.Certificate) bool {
		return !pki.NameConstraintsOf(c).Empty() || len(c.ExtKeyUsage)+len(c.UnknownExtKeyUsage) > 0 || pki.PathLengthOf(c) != nil
	})
}

// Latest is when the first certificate of the CA's path ends.
func (ca *CA) Latest() time.Time {
	path := ca.path()
	latest := path[0].NotAfter
	for _, c := range path[1:] {
		if c.NotAfter.Before(latest) {
			latest = c.NotAfter
		}
	}
	return latest
}

// Issued reports whether the CA's key signed leaf.
func (ca *CA) Issued(leaf *x509.Certificate) bool {
	return string(leaf.RawIssuer) == string(ca.Certificate().RawSubject) && leaf.CheckSignatureFrom(ca.Certificate()) == nil
}

// Vouches reports whether nothing restricts the CA and its path verifies: that needs to be found out only once.
func (ca *CA) Vouches(now time.Time) bool {
	return ca.sound && !slices.ContainsFunc(ca.path(), func(c *x509.Certificate) bool { return now.Before(c.NotBefore) || now.After(c.NotAfter) })
}

// Chain returns the CA's own path: a server sends the intermediates, clients have the root.
func (ca *CA) Chain(*x509.Certificate) ([]*x509.Certificate, *x509.Certificate) {
	if ca.anchored && ca.root == nil {
		return ca.chain, ca.chain[len(ca.chain)-1]
	}
	return ca.chain, ca.root
}

// String is the CA's subject as text.
func (ca *CA) String() string { return "CA " + pki.FormatName(ca.Certificate().RawSubject) }

func (ca *CA) Sign(template *x509.Certificate, key crypto.Signer) ([]byte, error) {
	parent := ca.Certificate()
	template.AuthorityKeyId = parent.SubjectKeyId
	if len(parent.SubjectKeyId) == 0 {
		id, err := keyIdentifier(parent.PublicKey)
		if err != nil {
			return nil, err
		}
		template.AuthorityKeyId = id
	}
	ca.published.addTo(template)
	template.SignatureAlgorithm = signatureAlgorithm(ca.key.Public())
	return x509.CreateCertificate(rand.Reader, template, parent, key.Public(), ca.key)
}
