package renewal_test

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"certgen/certs/renewal"
	"certgen/internal/testbed"
)

// renewalCase is a certificate's life with what its Certificate says of renewal, as the real cert-manager is asked.
type renewalCase struct {
	NotBefore             time.Time     `json:"notBefore"`
	NotAfter              time.Time     `json:"notAfter"`
	RenewBefore           string        `json:"renewBefore,omitempty"`
	RenewBeforePercentage *int          `json:"renewBeforePercentage,omitempty"`
	Renewal               *renewal.Spec `json:"renewal,omitempty"`
}

// TestAsCertManager: 10,000 certificates are due in the second in which the real cert-manager renews them.
func TestAsCertManager(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(11, 2026))
	cases := make([]renewalCase, 10_000)
	policies := make([]renewal.Policy, len(cases))
	for i := range cases {
		// cert-manager's webhook refuses what Parse refuses, or takes a typing error for nothing.
		for problems := true; problems; {
			c := randomCase(random)
			var before time.Duration
			if c.RenewBefore != "" {
				before, _ = time.ParseDuration(c.RenewBefore) // randomCase writes durations
			}
			policy, ps := renewal.Parse(c.NotAfter.Sub(c.NotBefore), before, c.RenewBeforePercentage, c.Renewal)
			cases[i], policies[i], problems = c, policy, len(ps) > 0
		}
	}
	type answer struct{ Time *time.Time }
	moved := 0
	for i, want := range testbed.AskCertManager[renewalCase, answer](t, "renewal", cases) {
		c, p := cases[i], policies[i]
		got, renewed := p.At(c.NotBefore, c.NotAfter)
		if renewed != (want.Time != nil) || renewed && !got.Equal(*want.Time) {
			t.Errorf("case %d, %+v, renewal %v: %v, %v, want %v", i, c, c.Renewal, got.UTC(), renewed, want.Time)
		}
		if plain, _ := (renewal.Policy{Before: p.Before, Percentage: p.Percentage}).At(c.NotBefore, c.NotAfter); renewed && !plain.Equal(got) {
			moved++
		}
	}
	if moved < len(cases)/10 {
		t.Errorf("windows moved %d renewals only", moved)
	}
}

func randomCase(r *rand.Rand) renewalCase {
	seconds := func(most int64) time.Duration { return time.Duration(r.Int64N(most)) * time.Second }
	const day = 86_400
	life := time.Hour + seconds(400*day)
	if r.IntN(3) == 0 {
		life = time.Hour + seconds(3*day)
	}
	c := renewalCase{NotBefore: time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC).Add(seconds(12 * 365 * day))}
	c.NotAfter = c.NotBefore.Add(life)
	switch r.IntN(3) {
	case 0: // at times as long as the life or longer, which counts as not set
		c.RenewBefore = (5*time.Minute + time.Duration(r.Int64N(int64(life)*11/10))).String()
	case 1:
		c.RenewBeforePercentage = new(1 + r.IntN(99))
	}
	switch r.IntN(8) {
	case 0:
		return c
	case 1:
		c.Renewal = &renewal.Spec{Policy: renewal.Never}
		return c
	}
	c.Renewal = &renewal.Spec{Policy: renewal.RenewBefore}
	for range r.IntN(4) {
		c.Renewal.Windows = append(c.Renewal.Windows, randomWindow(r))
	}
	return c
}

func randomWindow(r *rand.Rand) renewal.WindowSpec {
	schedules := []string{"0 2 * * *", "30 1 * * *", "0 2 * * 6", "*/5 * * * *", "0 0 1 * *", "15 3 1,15 * *", "0 0 29 2 *", "0 12 * 3,10 0", "@daily", "@weekly",
		"@hourly", "@monthly", "@yearly", "@every 1h", "@every 36h", "59 23 31 12 *", "0 1-5/2 * * MON-FRI", "30 2 * 3,11 *", "0 0 * * *", "0 3 13 * 5"}
	// Zones that change their clocks at midnight, by half an hour, on other days, or no longer.
	zones := []string{"", "UTC", "Europe/Berlin", "America/New_York", "America/Sao_Paulo", "Asia/Kolkata", "Australia/Lord_Howe", "Pacific/Apia",
		"Africa/Cairo", "America/Santiago", "Asia/Tehran", "Pacific/Chatham"}
	w := renewal.WindowSpec{Cron: schedules[r.IntN(len(schedules))], Timezone: zones[r.IntN(len(zones))]}
	if r.IntN(2) == 0 {
		w.Cron = fmt.Sprintf("%d %d * * %d", r.IntN(60), r.IntN(24), r.IntN(7))
	}
	w.WindowDuration = (time.Minute + time.Duration(r.Int64N(86_400))*time.Second).String()
	switch r.IntN(8) {
	case 0, 1:
		w.WindowDuration = fmt.Sprintf("%dh", 1+r.IntN(12))
	case 2:
		w.WindowDuration = fmt.Sprintf("%dh", 1+r.IntN(1200))
	}
	return w
}
