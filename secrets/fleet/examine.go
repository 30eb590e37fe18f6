package fleet

import (
	"crypto/x509"
	"slices"
	"time"

	"certgen/certs/lint"
	"certgen/certs/pki"
	"certgen/certs/renewal"
	"certgen/render/report/inventory"
)

// Examiner makes entries of certificates. It is safe for concurrent use.
type Examiner struct {
	Now   time.Time
	Roots func() *x509.CertPool // what clients trust where a certificate brings no root of its own

	known known
}

// Held is what one place holds.
type Held struct {
	Target   lint.Target    // without a Chain where none could be read
	Findings []lint.Finding // made while reading
	Renewal  renewal.Policy
	Hosts    []string // by which clients reach it; of a server
}

// Entry completes an entry, whose place is known, by what is held there.
func (x *Examiner) Entry(at inventory.Entry, h Held) *inventory.Entry {
	at.Certificates = len(h.Target.Chain)
	if at.Certificates == 0 {
		at.Findings, at.State = x.known.findings(h.Findings), inventory.Broken
		return &at
	}
	want := lint.Expectations{Now: x.Now, Renewal: h.Renewal, Hosts: h.Hosts}
	if len(h.Hosts) > 0 || !h.Target.IsRooted() {
		want.Roots = x.Roots()
	}
	at.Findings = x.known.findings(slices.Concat(h.Findings, h.Target.Lint(want)))
	shown := h.Target.Leaf()
	if h.Target.IsBundle() {
		shown = slices.MinFunc(h.Target.Chain, func(a, b *x509.Certificate) int { return a.NotAfter.Compare(b.NotAfter) })
	} else if due, renewed := h.Renewal.Due(shown); renewed {
		at.RenewAfter = due.UTC()
	}
	at.Subject, at.Issuer = x.known.name(shown.RawSubject), x.known.name(shown.RawIssuer)
	at.Names = (&pki.KeyPair{Leaf: shown}).Names()
	at.IsCA = lint.IsAuthority(shown)
	at.NotBefore, at.NotAfter = shown.NotBefore.UTC(), shown.NotAfter.UTC()
	at.DaysLeft = pki.DaysLeft(shown.NotAfter, x.Now)
	at.State = x.state(&at)
	x.known.authorities(h.Target)
	return &at
}

func (x *Examiner) state(e *inventory.Entry) inventory.State {
	switch {
	case x.Now.After(e.NotAfter):
		return inventory.Expired
	case e.HasError():
		return inventory.Broken
	case !e.RenewAfter.IsZero() && !x.Now.Before(e.RenewAfter):
		return inventory.Due
	}
	return inventory.OK
}
