package certs

import (
	"bytes"
	"crypto"
	"crypto/rand"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"time"

	"certgen/certs/lint"
	"certgen/certs/pki"
)

// Issuer is who signs a certificate.
type Issuer interface {
	// Admit says whether the issuer may sign r now: nil, or [pki.Problems]. It is asked before a key is made.
	Admit(r Request, now time.Time) error

	// Latest is the moment that no certificate of this issuer may outlive; zero where there is none.
	Latest() time.Time

	// Issued reports whether the issuer's key signed leaf.
	Issued(leaf *x509.Certificate) bool

	// Vouches reports whether a leaf that the issuer's key signed, of which nothing else is wrong, is known to verify over its Chain
	// at a moment, so that crypto/x509 need not be asked for each.
	Vouches(now time.Time) bool

	// Chain returns what goes with the issuer's leaves: the intermediates from the issuer upwards without
	// the root, and the root, nil where it is not known.
	Chain(leaf *x509.Certificate) (intermediates []*x509.Certificate, root *x509.Certificate)

	// String names the issuer for people.
	String() string

	// Sign returns the template as a certificate of the key's public half, in DER. A remote issuer sends a
	// request that key signs; the private key itself stays here.
	Sign(template *x509.Certificate, key crypto.Signer) ([]byte, error)
}

// SelfSigned is the issuer of certificates that are signed with their own key: each is its own trust
// anchor, which clients must be given.
type SelfSigned struct {
	CRLDistributionPoints []string // URLs that the certificates name
}

// Admit lets every request pass: nobody stands above a self-signed certificate.
func (SelfSigned) Admit(Request, time.Time) error { return nil }

// Latest is zero: nothing bounds a self-signed certificate's life.
func (SelfSigned) Latest() time.Time { return time.Time{} }

// Issued reports whether leaf names itself as its issuer. Its signature is not checked, as no client does
// that checks by trust anchor: it proves nothing that the key, which the caller compares, does not.
func (SelfSigned) Issued(leaf *x509.Certificate) bool {
	return pki.SelfIssued(leaf) && (len(leaf.AuthorityKeyId) == 0 || bytes.Equal(leaf.AuthorityKeyId, leaf.SubjectKeyId))
}

// Vouches is false: a leaf that is its own root is verified at no price.
func (SelfSigned) Vouches(time.Time) bool { return false }

// Chain has no intermediates; the leaf is the root.
func (SelfSigned) Chain(leaf *x509.Certificate) ([]*x509.Certificate, *x509.Certificate) {
	return nil, leaf
}

func (SelfSigned) String() string { return "self-signed" }

func (s SelfSigned) Sign(template *x509.Certificate, key crypto.Signer) ([]byte, error) {
	template.AuthorityKeyId = template.SubjectKeyId
	template.CRLDistributionPoints = s.CRLDistributionPoints
	template.SignatureAlgorithm = signatureAlgorithm(key.Public())
	return x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
}

// signatureAlgorithm has the hash be as strong as an RSA key, as cert-manager does; of other keys crypto/x509 knows the one that
// belongs to them.
func signatureAlgorithm(signer crypto.PublicKey) x509.SignatureAlgorithm {
	switch key := pki.KeySpecOf(signer); {
	case key.Algorithm == pki.RSA && key.Size >= 4096:
		return x509.SHA512WithRSA
	case key.Algorithm == pki.RSA && key.Size >= 3072:
		return x509.SHA384WithRSA
	}
	return x509.UnknownSignatureAlgorithm
}

// selfSigned reports whether c carries a valid signature by its own key, CA or not.
func selfSigned(c *x509.Certificate) bool {
	return pki.SelfIssued(c) && pki.CheckSignature(c, c) == nil
}

// Issue makes a key and has issuer certify it. The pair has been checked: clients that trust its root
// accept every name in it. The findings are what its owner should know nevertheless, as check
// returns them. Errors are [pki.Problems] where r breaks one of the issuer's rules.
func Issue(r Request, issuer Issuer, now time.Time) (*pki.KeyPair, []lint.Finding, error) {
	return IssueFor(nil, r, issuer, now)
}

// IssueFor is [Issue] for a key that exists already, which r must describe; nil makes one.
func IssueFor(key crypto.Signer, r Request, issuer Issuer, now time.Time) (*pki.KeyPair, []lint.Finding, error) {
	if err := issuer.Admit(r, now); err != nil {
		return nil, nil, err
	}
	var err error
	if key == nil {
		if key, err = r.Key.Generate(); err != nil {
			return nil, nil, err
		}
	}
	pair, err := r.certified(key, issuer, now)
	if err != nil {
		return nil, nil, err
	}
	findings, err := check(pair, r, now, issuer.Vouches(now)) // crypto/x509 checks the signatures that it makes
	if err != nil {
		return nil, nil, fmt.Errorf("the certificate would not be accepted: %w", err)
	}
	return pair, findings, nil
}

// Certify has issuer certify a public key whose owner keeps the private one; r must describe it. What it returns is
// checked as [Issue] checks a pair, and has no key.
func Certify(pub crypto.PublicKey, r Request, issuer Issuer, now time.Time) (*pki.KeyPair, []lint.Finding, error) {
	return IssueFor(elsewhere{pub}, r, issuer, now)
}

// elsewhere stands for a private key that is not at hand.
type elsewhere struct{ pub crypto.PublicKey }

func (e elsewhere) Public() crypto.PublicKey { return e.pub }

func (elsewhere) Sign(io.Reader, []byte, crypto.SignerOpts) ([]byte, error) {
	return nil, errors.New("the private key is with its owner")
}

// certified makes a certificate of the key, with the issuer's chain.
func (r Request) certified(key crypto.Signer, issuer Issuer, now time.Time) (*pki.KeyPair, error) {
	template, err := r.template(key.Public(), issuer.Latest(), now)
	if err != nil {
		return nil, err
	}
	der, err := issuer.Sign(template, key)
	if err != nil {
		return nil, fmt.Errorf("sign the certificate: %w", err)
	}
	leaf, err := x509.ParseCertificate(der)
	if err != nil {
		return nil, fmt.Errorf("read the certificate back: %w", err)
	}
	pair := &pki.KeyPair{Leaf: leaf}
	if _, away := key.(elsewhere); !away {
		pair.Key = key
	}
	pair.Intermediates, pair.Root = issuer.Chain(leaf)
	return pair, nil
}
