package provision

import (
	"bytes"
	"cmp"
	"crypto"
	"crypto/x509"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"certgen/certs"
	"certgen/certs/lint"
	"certgen/certs/pki"
	"certgen/secrets/spec"
)

// Means is how an order's key pair comes about.
type Means interface {
	// Decide keeps the pair that the store holds, or makes or takes the one that is to take its place, unless that is
	// not to be lost; held is empty where the store holds none. It may be asked again, with what another writer has put
	// there in the meantime.
	Decide(held Held, now time.Time) (Result, error)
}

// Issue has Issuer sign what Request asks for, unless the store holds a pair that fits and is not due.
type Issue struct {
	Request certs.Request
	Issuer  certs.Issuer
	From    spec.Issuer // the Secret where a CA was found, for who issues again
	Reissue bool        // make a new pair though the old one fits
	KeepKey bool        // a new certificate is for the key that the store holds, where that is of the kind wanted

	Because  string // why Reissue, for people; "" where --reissue asked for it
	Replaces []byte // what Reissue is to replace: a certificate that another writer has put there since is kept if it fits; nil for any
}

// Keeps reports whether Decide would keep what the store holds.
func (m Issue) Keeps(held Held, now time.Time) bool {
	return certs.MakePlan(m.Request, held.PEM, m.Issuer, now).Keep != nil && !m.replaces(held.PEM)
}

// replaces reports whether a pair is to be replaced though it fits.
func (m Issue) replaces(existing pki.PEM) bool {
	return m.Reissue && (m.Replaces == nil || bytes.Equal(m.Replaces, existing.Cert))
}

// Decide is [certs.MakePlan], and [certs.Issue] where that keeps nothing.
func (m Issue) Decide(held Held, now time.Time) (Result, error) {
	existing := held.PEM
	plan := certs.MakePlan(m.Request, existing, m.Issuer, now)
	reissue := m.replaces(existing)
	if plan.Keep != nil && !reissue {
		return Result{Action: Kept, Pair: plan.Keep, PEM: plan.PEM}, nil
	}
	if err := held.guard(m.Request); err != nil {
		return Result{}, err
	}
	if because := cmp.Or(m.Because, "asked for by --reissue"); reissue && !existing.Empty() && !slices.Contains(plan.Reasons, because) {
		plan.Reasons = append([]string{because}, plan.Reasons...)
	}
	key := m.keptKey(existing)
	pair, findings, err := certs.IssueFor(key, m.Request, m.Issuer, now)
	if err != nil {
		return Result{}, err
	}
	r := issued(pair, m.Request, m.Issuer, made(key != nil), plan.Reasons)
	if hosts := len(m.Request.DNSNames) + len(m.Request.IPAddresses); r.Action == Reissued && m.Request.IsCA && key == nil && hosts == 0 { // a server's may be marked as a CA by mistake
		r.Warnings = append(r.Warnings, "what the old key signed does not lead to the new CA: give clients the new root, and make anew what it signed")
	}
	r.warn(findings)
	r.PEM, err = m.Request.PEM(pair)
	return r, err
}

// issued is the result of a certificate that has just been signed: made is what is new, for people, and reasons are why another
// takes the place of one, none where there was none.
func issued(pair *pki.KeyPair, wanted certs.Request, issuer certs.Issuer, made string, reasons []string) Result {
	r := Result{Action: Issued, Detail: made, Signer: signer(issuer), Pair: pair, Notes: lifeNote(pair.Leaf, wanted, issuer)}
	if len(reasons) > 0 {
		r.Action, r.Detail = Reissued, strings.Join(reasons, "; ")
	}
	return r
}

// warn adds what a certificate that was issued has against it nevertheless.
func (r *Result) warn(findings []lint.Finding) {
	for _, f := range findings {
		r.Warnings = append(r.Warnings, warning(f))
	}
}

// lifeNote says that a certificate ends with its CA.
func lifeNote(leaf *x509.Certificate, wanted certs.Request, issuer certs.Issuer) []string {
	if end := leaf.NotAfter; end.Equal(issuer.Latest()) {
		return []string{"the certificate ends with its CA, after " + lifeOf(end.Sub(leaf.NotBefore), wanted)}
	}
	return nil
}

// Restore puts back the pair that was there before another took its place.
type Restore struct {
	Before pki.PEM
	Spec   string // what was kept beside it, so that it can be issued again
	Failed []byte // the certificate that took its place, in PEM: one that another writer has put there since stays
}

// Decide is the pair from before.
func (m Restore) Decide(held Held, _ time.Time) (Result, error) {
	if !bytes.Equal(held.PEM.Cert, m.Failed) {
		return Result{}, errors.New("another writer has replaced the new one since")
	}
	pair, err := pki.ParsePair(m.Before)
	return Result{Action: Restored, Pair: pair, PEM: m.Before}, err
}

// specOf is what is kept beside a certificate so that it can be issued again, "" where that is nothing.
func specOf(means Means) string {
	switch m := means.(type) {
	case Settled:
		return m.spec
	case Issue:
		return spec.Of(m.Request, m.Issuer, m.From)
	case Restore:
		return m.Spec
	}
	return ""
}

// keptKey is the key to certify anew, nil where one is to be made.
func (m Issue) keptKey(existing pki.PEM) crypto.Signer {
	if !m.KeepKey {
		return nil
	}
	key, err := pki.ParseKey(existing.Key)
	if err != nil || pki.KeySpecOf(key.Public()) != m.Request.Key {
		return nil
	}
	return key
}

// made words what is new, for people.
func made(kept bool) string {
	if kept {
		return "a new certificate for the same key"
	}
	return "a new key and certificate"
}

// signer words who signs, for people.
func signer(issuer certs.Issuer) string {
	if _, own := issuer.(certs.SelfSigned); own {
		return issuer.String()
	}
	return "signed by " + issuer.String()
}

// warning words a finding that does not keep a certificate from being used.
func warning(f lint.Finding) string { return fmt.Sprintf("%s (%s)", f.Detail, f.Rule.ID) }

// lifeOf words how long a certificate lives that ends with its CA, for people.
func lifeOf(life time.Duration, wanted certs.Request) string {
	unit := time.Hour
	if life < pki.Day {
		unit = time.Minute
	}
	got, asked := pki.FormatDuration(life.Round(unit)), pki.FormatDuration(wanted.Duration)
	if wanted.DurationAsked && got != asked {
		got += fmt.Sprintf(" instead of %s, which it can have when the CA has been renewed", asked)
	}
	return got
}
