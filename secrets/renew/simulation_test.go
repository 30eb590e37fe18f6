package renew

import (
	"crypto/x509"
	"encoding/binary"
	"math"
	"math/rand/v2"
	"testing"
	"testing/synctest"
	"time"

	"certgen/certs/pki"
	"certgen/certs/renewal"
)

// longestOutage is how long no run starts, at most.
const longestOutage = 7 * pki.Day

// safe is the life from which on daily runs, the longest outage, and failures one after the other leave time: the third of it
// in which a certificate is due covers the outage, the day to the next run, and some failures. What lives shorter than three
// days is not kept valid by a daily run at all: its schedule must be as short as its own third.
const safe = 3 * (longestOutage + 5*pki.Day)

// TestSimulation runs a fleet of 10,000 certificates that live from 6 hours to 10 years over three years of daily runs, with outages of
// up to a week, failures at one in a hundred, and clocks off by up to five minutes: none expires of those whose time to be
// renewed outlasts the outages, and no day rolls more than twice what the mean day does.
func TestSimulation(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		random := rand.New(rand.NewPCG(2026, 11))
		skew := func() time.Duration { return time.Duration((random.Float64()*2 - 1) * float64(5*time.Minute)) }
		type simulated struct {
			leaf *x509.Certificate
			life time.Duration
		}
		number := uint64(0)
		issue := func(leaf *x509.Certificate, life time.Duration, now time.Time) *x509.Certificate {
			number++
			leaf.NotBefore = now.Add(-pki.Backdate).Truncate(time.Second)
			leaf.NotAfter, leaf.Raw = leaf.NotBefore.Add(life), binary.BigEndian.AppendUint64(leaf.Raw[:0], number)
			return leaf
		}
		start := time.Now()
		fleet := make([]simulated, 10_000)
		shortest, longest := math.Log(6), math.Log(10*365*24)
		for i := range fleet {
			life := time.Duration(math.Exp(shortest+random.Float64()*(longest-shortest)) * float64(time.Hour)).Truncate(time.Second)
			age := time.Duration(random.Float64() * 2 / 3 * float64(life))
			fleet[i] = simulated{issue(&x509.Certificate{}, life, start.Add(-age)), life}
		}
		choice := Choice{Jitter: 7 * pki.Day}
		var rolled []int
		covered, expired, outage := 0, 0, 0
		for day := 0; day < 3*365; day++ {
			time.Sleep(pki.Day)
			if outage == 0 && random.IntN(60) == 0 {
				outage = 1 + random.IntN(int(longestOutage/pki.Day))
			}
			now := time.Now()
			for _, c := range fleet {
				if c.life >= safe && now.After(c.leaf.NotAfter) {
					expired++
				}
			}
			if outage > 0 {
				outage--
				continue
			}
			count := 0
			for i := range fleet {
				c := &fleet[i]
				clock := now.Add(skew())
				if verdict, _, _ := choice.judge(c.leaf, renewal.Policy{}, clock); verdict != Due {
					continue
				}
				if random.IntN(100) == 0 {
					continue // it failed, and the next run tries again
				}
				issue(c.leaf, c.life, now.Add(skew()))
				count++
			}
			rolled = append(rolled, count)
		}
		sum, most := 0, 0
		for _, n := range rolled {
			sum, most = sum+n, max(most, n)
		}
		for _, c := range fleet {
			if c.life >= safe {
				covered++
			}
		}
		mean := float64(sum) / float64(len(rolled))
		t.Logf("%d of %d live for %s or longer; %.0f renewed a day, at most %d, in %d runs", covered, len(fleet), pki.FormatDuration(safe), mean, most, len(rolled))
		if expired > 0 {
			t.Errorf("%d certificates expired that live for %s or longer", expired, pki.FormatDuration(safe))
		}
		if float64(most) > 2*mean {
			t.Errorf("%d renewed on one day, the mean is %.0f", most, mean)
		}
	})
}

// TestJitterSpreads: a thousand certificates of one moment are due on many days of the next time, and on none too early.
func TestJitterSpreads(t *testing.T) {
	t.Parallel()
	start := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	days := map[int]int{}
	for i := range uint64(1000) {
		leaf := &x509.Certificate{NotBefore: start, NotAfter: start.Add(90 * pki.Day), Raw: binary.BigEndian.AppendUint64(nil, i)}
		at := Choice{Jitter: 30 * pki.Day}.Decide(leaf, renewal.Policy{}, start).At
		if at.Before(start.Add(45*pki.Day)) || at.After(start.Add(60*pki.Day)) {
			t.Fatalf("due after %s", at.Sub(start))
		}
		days[int(at.Sub(start)/pki.Day)]++
	}
	for day, n := range days {
		if n > 2*1000/15 {
			t.Errorf("%d are due on day %d", n, day)
		}
	}
	if len(days) < 15 {
		t.Errorf("they are due on %d days", len(days))
	}
}

// TestWindowMissed: what is due, and found its window closed, waits for the next; but not where that comes too late.
func TestWindowMissed(t *testing.T) {
	t.Parallel()
	start := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC) // a Thursday
	leaf := &x509.Certificate{NotBefore: start, NotAfter: start.Add(90 * pki.Day)}
	policy, problems := renewal.Parse(90*pki.Day, 0, nil, &renewal.Spec{Policy: renewal.RenewBefore, Windows: []renewal.WindowSpec{{Cron: "0 2 * * 6", WindowDuration: "2h"}}})
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	for _, test := range []struct {
		at   time.Duration
		want Verdict
	}{
		{59 * pki.Day, NotDue},
		{60 * pki.Day, NotDue},               // Monday, 2 March: the window is on Saturday
		{65*pki.Day + 3*time.Hour, Due},      // in the window
		{65*pki.Day + 12*time.Hour, Waiting}, // after it
		{72*pki.Day + 3*time.Hour, Due},      // in the next
		{80 * pki.Day, Waiting},              // there is one more
		{88 * pki.Day, Due},                  // there is none any more
		{91 * pki.Day, Due},
	} {
		if got := (Choice{}).Decide(leaf, policy, start.Add(test.at)); got.Verdict != test.want {
			t.Errorf("after %s: %v, want %s", test.at, got, test.want)
		}
	}
}
