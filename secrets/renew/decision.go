package renew

import (
	"crypto/sha256"
	"crypto/x509"
	"encoding/binary"
	"time"

	"certgen/certs/pki"
	"certgen/certs/renewal"
)

// Verdict is whether a certificate is renewed in this run.
type Verdict string

// The verdicts. Due and Asked are renewed.
const (
	Due      Verdict = "due"             // by its own renewal policy
	Asked    Verdict = "asked for"       // whatever its policy says
	NotDue   Verdict = "not due"         // yet
	Waiting  Verdict = "waits"           // it is due, and its renewal window is closed
	Foreign  Verdict = "somebody else's" // another program keeps it
	Unfit    Verdict = "not renewable"   // it cannot be issued again, or nobody is there to sign it
	Unrolled Verdict = "not in use yet"  // an earlier run has renewed it, and not everything that uses it has it
)

// Decision is a verdict with its reason.
type Decision struct {
	Verdict Verdict
	Reason  string    // for people
	At      time.Time // of NotDue and Waiting: when it will be renewed; zero for never
	Hint    string    // what to do about it, if anything
}

// Renews reports whether a new certificate is to be issued.
func (d Decision) Renews() bool { return d.Verdict == Due || d.Verdict == Asked }

// Choice says which certificates are renewed. Its zero value is: those that are due.
type Choice struct {
	All      bool          // every one
	Expiring time.Duration // those that end within this time, and no others; 0 does not ask

	// Jitter has a certificate be due earlier by a part of this time that is drawn from the certificate itself, so that those
	// of one day do not roll on one day for ever. It takes no more than a quarter of the time until a certificate is due.
	Jitter time.Duration
}

// maxJitter is which part of the time until a certificate is due the jitter may take: with more, short lives would be
// renewed again and again for nothing.
const maxJitter = 4

// Decide judges one certificate by its dates alone.
func (c Choice) Decide(leaf *x509.Certificate, policy renewal.Policy, now time.Time) Decision {
	verdict, due, at := c.judge(leaf, policy, now)
	d := Decision{Verdict: verdict, At: at}
	switch end := pki.FormatTime(leaf.NotAfter); {
	case c.All:
		d.Reason = "asked for by --all"
	case c.Expiring > 0 && verdict == Asked:
		d.Reason = "ends at " + end + ", within the " + pki.FormatDuration(c.Expiring) + " of --expiring"
	case c.Expiring > 0:
		d.Reason = "ends at " + end
	case verdict == NotDue && at.IsZero():
		d.Reason = "its policy never renews it"
	case verdict == NotDue:
		d.Reason = "renews after " + pki.FormatTime(at)
	case verdict == Waiting:
		d.Reason = "due since " + pki.FormatTime(due) + ", its renewal window opens at " + pki.FormatTime(at)
	case now.After(leaf.NotAfter):
		d.Reason = "expired at " + end
	default:
		d.Reason = "due for renewal since " + pki.FormatTime(due)
	}
	return d
}

// judge is the verdict of Decide, since when the certificate is due, and when it will be renewed where that is not now.
func (c Choice) judge(leaf *x509.Certificate, policy renewal.Policy, now time.Time) (v Verdict, due, at time.Time) {
	switch {
	case c.All, c.Expiring > 0 && leaf.NotAfter.Sub(now) <= c.Expiring:
		return Asked, now, time.Time{}
	case c.Expiring > 0:
		return NotDue, time.Time{}, leaf.NotAfter.Add(-c.Expiring)
	case now.After(leaf.NotAfter):
		return Due, leaf.NotAfter, time.Time{}
	}
	due, renewed := policy.Due(leaf)
	if !renewed {
		return NotDue, time.Time{}, time.Time{}
	}
	due = due.Add(-c.early(leaf, due))
	if now.Before(due) {
		return NotDue, due, due
	}
	if opens := policy.Allowed(leaf, now); opens.After(now) {
		return Waiting, due, opens
	}
	return Due, due, time.Time{}
}

// early is by how much the jitter has a certificate be due before its time: the same in every run.
func (c Choice) early(leaf *x509.Certificate, due time.Time) time.Duration {
	most := min(c.Jitter, due.Sub(leaf.NotBefore)/maxJitter)
	if most <= 0 {
		return 0
	}
	sum := sha256.Sum256(leaf.Raw)
	part := float64(binary.BigEndian.Uint64(sum[:])>>11) / (1 << 53)
	return time.Duration(part * float64(most)).Truncate(time.Second)
}
