package renewal

import (
	"crypto/x509"
	"testing"
	"time"

	"certgen/certs/pki"
)

// TestDue: a certificate is never due as soon as it is made, whatever was asked for.
func TestDue(t *testing.T) {
	t.Parallel()
	made := time.Now().UTC().Truncate(time.Second)
	for _, test := range []struct {
		left   time.Duration
		policy Policy
		want   time.Duration
	}{
		{90 * pki.Day, Policy{}, 60 * pki.Day},
		{90 * pki.Day, Policy{Before: 10 * pki.Day}, 80 * pki.Day},
		{90 * pki.Day, Policy{Before: 90 * pki.Day}, 60 * pki.Day},
		{90 * pki.Day, Policy{Before: 400 * pki.Day}, 60 * pki.Day},
		{90 * pki.Day, Policy{Before: 90*pki.Day + pki.Backdate/2}, 60 * pki.Day}, // within the life, but before it was made
		{90 * pki.Day, Policy{Before: 90*pki.Day - time.Second}, time.Second},
		{90 * pki.Day, Policy{Before: -time.Hour}, 60 * pki.Day},
		{90 * pki.Day, Policy{Percentage: 10}, 81 * pki.Day},
		{time.Hour, Policy{Percentage: 99}, 40 * time.Minute},
	} {
		got, renewed := test.policy.Due(&x509.Certificate{NotBefore: made.Add(-pki.Backdate), NotAfter: made.Add(test.left)})
		if got.Sub(made.Add(test.want)).Abs() > pki.Backdate || !renewed {
			t.Errorf("%v of %v left: due after %v, want %v", test.policy, test.left, got.Sub(made), test.want)
		}
		if !got.After(made) {
			t.Errorf("%v of %v left: due at once", test.policy, test.left)
		}
	}
}

// TestAt: what cert-manager v1.21.2 says for a certificate from 1 January to 31 March 2026, which without windows is
// due on 1 March.
func TestAt(t *testing.T) {
	t.Parallel()
	notBefore, notAfter := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(2026, 3, 31, 0, 0, 0, 0, time.UTC)
	nights := WindowSpec{"0 2 * * *", "", "4h"}
	for _, test := range []struct {
		name       string
		before     time.Duration
		percentage int
		spec       *Spec
		want       string
	}{
		{"a third of the life", 0, 0, nil, "2026-03-01T08:00:00Z"},
		{"before", 10 * pki.Day, 0, nil, "2026-03-21T00:00:00Z"},
		{"a percentage", 0, 50, nil, "2026-02-14T12:00:00Z"},
		{"never", 0, 0, &Spec{Policy: Never}, ""},
		{"a policy without windows", 0, 0, &Spec{Policy: RenewBefore}, "2026-03-01T08:00:00Z"},
		{"the next night", 0, 0, &Spec{RenewBefore, []WindowSpec{nights}}, "2026-03-02T02:00:00Z"},
		{"within a night", 242 * time.Hour, 0, &Spec{RenewBefore, []WindowSpec{{"0 20 * * *", "", "6h"}}}, "2026-03-20T22:00:00Z"},
		{"at the very end of one", 10 * pki.Day, 0, &Spec{RenewBefore, []WindowSpec{{"0 20 * * *", "", "4h"}}}, "2026-03-21T00:00:00Z"},
		{"a night in summer time", 24 * time.Hour, 0, &Spec{RenewBefore, []WindowSpec{{"0 4 * * *", "Europe/Berlin", "1h"}}}, "2026-03-30T02:00:00Z"},
		{"the earlier of two", 0, 0, &Spec{RenewBefore, []WindowSpec{{"0 2 * * 6", "", "1h"}, nights}}, "2026-03-02T02:00:00Z"},
		{"none before the end", 0, 0, &Spec{RenewBefore, []WindowSpec{{"0 2 1 7 *", "", "1h"}}}, "2026-03-01T08:00:00Z"},
		{"one after which another is too late", 0, 0, &Spec{RenewBefore, []WindowSpec{nights, {"0 2 1 7 *", "", "1h"}}}, "2026-03-01T08:00:00Z"},
	} {
		var percentage *int
		if test.percentage > 0 {
			percentage = &test.percentage
		}
		p, problems := Parse(notAfter.Sub(notBefore), test.before, percentage, test.spec)
		if len(problems) > 0 {
			t.Fatal(test.name, problems)
		}
		got, renewed := p.At(notBefore, notAfter)
		if want, err := time.Parse(time.RFC3339, test.want); renewed != (err == nil) || !got.Equal(want) {
			t.Errorf("%s: %v, %v, want %v", test.name, got.UTC(), renewed, test.want)
		}
	}
}
