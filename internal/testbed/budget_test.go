package testbed

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
	"time"
)

func TestBuildLimit(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 28, 12, 0, 0, 0, time.UTC)
	for _, test := range []struct{ left, need, want time.Duration }{
		{10 * time.Minute, 6 * time.Minute, 4 * time.Minute},
		{10 * time.Minute, 2 * time.Minute, 5 * time.Minute},  // half
		{40 * time.Minute, 6 * time.Minute, 20 * time.Minute}, // of what there is
		{6 * time.Minute, 6 * time.Minute, 0},
		{3 * time.Minute, 6 * time.Minute, -3 * time.Minute}, // there is no time to build
	} {
		limit := buildLimit(now, now.Add(test.left), test.need)
		if got := limit.Sub(now); got != test.want {
			t.Errorf("%v before the deadline, with a need of %v: %v to build, want %v", test.left, test.need, got, test.want)
		}
	}
}

func TestDeadline(t *testing.T) {
	t.Parallel()
	now := time.Now()
	want, ok := t.Deadline()
	if !ok {
		t.Skip("needs a run that ends")
	}
	if got := Deadline(t, now); !got.Equal(want) {
		t.Errorf("%v, want %v", got, want)
	}
	if got := Deadline(new(testing.B), now); got.Sub(now) != 10*time.Minute {
		t.Errorf("a benchmark has %v", got.Sub(now))
	}
}

func TestShareLimit(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "limit")
	now := time.Now().Round(0)
	shared := func(own time.Time) time.Time {
		t.Helper()
		limit, err := shareLimit(file, own)
		if err != nil {
			t.Fatal(err)
		}
		return limit
	}
	first := now.Add(time.Minute)
	for _, test := range []struct{ own, want time.Duration }{
		{time.Minute, time.Minute},      // the first one of the run
		{2 * time.Minute, time.Minute},  // which the others follow
		{time.Second, time.Second},      // unless their own is before it
		{10 * time.Minute, time.Minute}, // which is not for the others
	} {
		if got := shared(now.Add(test.own)); !got.Equal(now.Add(test.want)) {
			t.Errorf("%v: %v, want %v", test.own, got.Sub(now), test.want)
		}
	}
	for name, last := range map[string]runLimit{"another run": {os.Getppid() + 1, first}, "an hour ago": {os.Getppid(), now.Add(-time.Hour)}} {
		text, err := json.Marshal(last)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, text, 0o600); err != nil {
			t.Fatal(err)
		}
		if own := now.Add(5 * time.Minute); !shared(own).Equal(own) {
			t.Errorf("the limit of %s holds", name)
		}
	}
}
