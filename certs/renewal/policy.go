package renewal

import (
	"crypto/x509"
	"time"

	"certgen/certs/pki"
)

// Policy says when a certificate is due. The zero Policy renews it when a third of its life is left. Of Before and
// Percentage at most one is set.
type Policy struct {
	Before     time.Duration // how long before its end; 0 is not set
	Percentage int           // how much of its life is left then, 1 to 99; 0 is not set
	Disabled   bool          // never
	Windows    []Window      // when it may be renewed, one of them at a time; none is at any time
}

// At is when a certificate with these dates is due, to the second, as cert-manager's RenewalTime computes it; false
// where it never is. A Before that is as long as the life counts as not set. Where no window opens before the end
// (a window's length after it, as cert-manager has it), windows do not count.
func (p Policy) At(notBefore, notAfter time.Time) (time.Time, bool) {
	return p.schedule(notBefore, notAfter, p.wanted(notBefore, notAfter))
}

// Due is [Policy.At] for a certificate whose notBefore lies [pki.Backdate] before its making: where it would be due
// as soon as it is made, which would have every run make another, Before and Percentage count as not set.
func (p Policy) Due(c *x509.Certificate) (time.Time, bool) {
	wanted := p.wanted(c.NotBefore, c.NotAfter)
	if !wanted.After(c.NotBefore.Add(pki.Backdate)) {
		wanted = Policy{}.wanted(c.NotBefore, c.NotAfter)
	}
	return p.schedule(c.NotBefore, c.NotAfter, wanted)
}

// Allowed is when a certificate that is due by now may be renewed: now, or where windows are set and none is open, when the
// next one opens. One that opens too late is not waited for.
func (p Policy) Allowed(c *x509.Certificate, now time.Time) time.Time {
	at, renewed := p.schedule(c.NotBefore, c.NotAfter, now)
	if !renewed || !at.Before(c.NotAfter) {
		return now
	}
	return at
}

// wanted is when a certificate is due without regard to windows.
func (p Policy) wanted(notBefore, notAfter time.Time) time.Time {
	life := notAfter.Sub(notBefore)
	before := life / 3
	if p.Before > 0 && p.Before < life {
		before = p.Before
	} else if p.Percentage > 0 && p.Percentage < 100 {
		before = time.Duration(float64(life) * float64(p.Percentage) / 100) // as floats: 99 times a long life overflows
	}
	return notAfter.Add(-before).Truncate(time.Second)
}

// schedule moves the time that is wanted into a window.
func (p Policy) schedule(notBefore, notAfter, wanted time.Time) (time.Time, bool) {
	if p.Disabled {
		return time.Time{}, false
	}
	var next time.Time
	for _, w := range p.Windows {
		if w.open(notBefore, notAfter, wanted) {
			return wanted, true
		}
		switch opens := w.next(wanted); {
		case opens.After(notAfter.Add(w.Duration)):
			next = time.Time{} // cert-manager forgets those before it in the list, too (findAfterDesired)
		case next.IsZero() || opens.Before(next):
			next = opens
		}
	}
	if next.IsZero() {
		return wanted, true
	}
	return next, true
}
