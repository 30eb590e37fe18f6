package provision

import (
	"bytes"
	"fmt"
	"slices"
	"time"

	"certgen/certs"
	"certgen/certs/encoding"
	"certgen/certs/lint"
	"certgen/certs/pki"
	"certgen/certs/renewal"
)

// Take takes a pair that somebody else made, as [NewTake] has found it fit.
type Take struct {
	taken Result
	from  string
}

// Brought is a pair that exists already, and what is asked of it.
type Brought struct {
	From     string             // where the certificate was read, for people
	Material *encoding.Material // certificates and key
	Above    *encoding.Material // the root, and any intermediates, that were given apart
	Request  certs.Request      // what is asked of it; the zero one asks nothing
	Asks     func(pki.Field) bool
	Renewal  renewal.Policy // of the Secret

	// AllowInsecure takes a pair that clients refuse, as long as a server can load it.
	AllowInsecure bool
}

// NewTake puts the chain in order and judges the pair. One that clients refuse is an error, with all reasons.
func NewTake(b Brought, now time.Time) (Take, error) {
	pair, notes, err := b.Material.Pair(b.Above.Certificates)
	if err != nil {
		return Take{}, fmt.Errorf("%s: %w", b.From, err)
	}
	if err := b.admit(pair); err != nil {
		return Take{}, err
	}
	r := Result{Action: Taken, Detail: "the certificate in " + b.From, Pair: pair, Signer: "signed by " + pki.FormatName(pair.Leaf.RawIssuer)}
	if pair.Root == pair.Leaf {
		r.Signer = certs.SelfSigned{}.String()
	}
	r.Notes = slices.Concat(b.Material.Notes, b.Above.Notes, notes)
	if r.Warnings, err = b.judge(b.findings(pair, now)); err != nil {
		return Take{}, err
	}
	if pair.Root == nil && len(b.Above.Certificates)+len(pair.Intermediates) == 0 {
		r.Warnings = append(r.Warnings, fmt.Sprintf("it comes without the certificate of its issuer, so clients refuse it that do not trust %s itself (%s)",
			pki.FormatName(pair.Leaf.RawIssuer), lint.RuleMissingIntermediate.ID))
	}
	for _, difference := range certs.Differences(pair, b.Request, nil) {
		if b.Asks(difference.Field) {
			r.Warnings = append(r.Warnings, "not what was asked for: "+difference.Detail)
		}
	}
	r.PEM, err = pair.PEM()
	return Take{taken: r, from: b.From}, err
}

// Decide is the pair that was taken, kept where the store holds just this one.
func (m Take) Decide(held Held, _ time.Time) (Result, error) {
	if err := held.guard(certs.Request{}); err != nil {
		return Result{}, err
	}
	r, existing := m.taken, held.PEM
	if bytes.Equal(existing.Cert, r.PEM.Cert) && bytes.Equal(existing.Key, r.PEM.Key) {
		r.Action = Kept
	}
	if present, err := pki.ParsePair(existing); err == nil && !present.Leaf.Equal(r.Pair.Leaf) {
		r.Notes = append(slices.Clip(r.Notes), fmt.Sprintf("it takes the place of the certificate of %s, valid until %s",
			pki.FormatName(present.Leaf.RawSubject), pki.FormatTime(present.Leaf.NotAfter)))
	}
	return r, nil
}

// admit refuses a pair that is not what was meant.
func (b Brought) admit(pair *pki.KeyPair) error {
	if life := pair.Leaf.NotAfter.Sub(pair.Leaf.NotBefore); b.Renewal.Before >= life-pki.Backdate {
		return fmt.Errorf("--renew-before %s: the certificate lives for %s only, so it would always be due",
			pki.FormatDuration(b.Renewal.Before), pki.FormatDuration(life))
	}
	if lint.IsAuthority(pair.Leaf) {
		return pki.WithHint(fmt.Errorf("%s: the key belongs to the certificate of a CA, %s, not to a server's", b.From, pki.FormatName(pair.Leaf.RawSubject)),
			"name the key that the server's certificate was made for")
	}
	return nil
}

// findings lints the pair for clients that trust the CA certificates above it.
func (b Brought) findings(pair *pki.KeyPair, now time.Time) []lint.Finding {
	target := certs.TargetOf(pair)
	switch {
	case len(b.Above.Certificates) > 0:
		target.CA = b.Above.Certificates
	case pair.Root == nil:
		target.CA = nil // an intermediate proves nothing about a chain that was made elsewhere
	}
	want := lint.Expectations{Hosts: b.Request.Hosts(), For: lint.ForServers, Now: now, Renewal: b.Renewal}
	if lint.IsAuthority(pair.Leaf) {
		want.For = lint.AsItSays
	}
	return target.Lint(want)
}

// judge turns the findings into warnings, or into the error that refuses the pair: that has all of them, so that who
// makes a new one need not come back for the next.
func (b Brought) judge(findings []lint.Finding) (warnings []string, err error) {
	var reasons pki.Problems
	refused, usable := false, true
	for _, finding := range findings {
		warnings = append(warnings, warning(finding))
		reasons = append(reasons, pki.Problem{
			Reason: fmt.Sprintf("%s (%s: breaks %s)", finding.Detail, finding.Rule.ID, finding.Rule.Breaks),
			Hint:   finding.Rule.Mend,
		})
		if finding.Rule.Severity == lint.Error {
			refused = refused || !b.AllowInsecure || finding.Rule.Unusable
			usable = usable && !finding.Rule.Unusable
		}
	}
	switch {
	case !refused:
		return warnings, nil
	case usable:
		return nil, pki.WithHint(reasons, "--allow-insecure takes the certificate nevertheless")
	}
	return nil, reasons
}
