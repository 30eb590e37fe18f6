package provision

import (
	"crypto"
	"crypto/x509"
	"slices"
	"time"

	"certgen/certs"
	"certgen/certs/pki"
)

// Certify has Issuer certify a key whose owner keeps it, unless the store holds a certificate of it that fits and is not
// due. The pair in the [Result] has no key, and its PEM nothing but the chain.
type Certify struct {
	Key     crypto.PublicKey
	Request certs.Request
	Issuer  certs.Issuer
	Reissue bool     // make a new one though the old one fits
	Notes   []string // of the request, for people
}

// Decide is [certs.PlanFor], and [certs.Certify] where that keeps nothing.
func (m Certify) Decide(held Held, now time.Time) (Result, error) {
	existing := held.PEM
	plan := certs.PlanFor(m.Key, m.Request, existing.Cert, m.Issuer, now)
	if plan.Keep != nil && !m.Reissue {
		return Result{Action: Kept, Pair: plan.Keep, PEM: plan.PEM, Notes: m.Notes}, nil
	}
	if err := held.guard(m.Request); err != nil {
		return Result{}, err
	}
	if m.Reissue && !existing.Empty() {
		plan.Reasons = append([]string{"asked for by --reissue"}, plan.Reasons...)
	}
	pair, findings, err := certs.Certify(m.Key, m.Request, m.Issuer, now)
	if err != nil {
		return Result{}, err
	}
	r := issued(pair, m.Request, m.Issuer, "a certificate for the request's key", plan.Reasons)
	r.Notes = slices.Concat(m.Notes, r.Notes)
	r.warn(findings)
	r.PEM.Cert = pki.EncodeCertificates(append([]*x509.Certificate{pair.Leaf}, pair.Intermediates...)...)
	return r, nil
}
