package pki

import (
	"strings"
	"testing"
	"time"
)

func TestParseDuration(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]time.Duration{
		"365d":    365 * Day,
		"0d":      0,
		"8760h":   365 * Day,
		"90m":     90 * time.Minute,
		"1d12h":   36 * time.Hour,
		"-1d12h":  -36 * time.Hour,
		"1.5h":    90 * time.Minute,
		"0":       0,
		"1d0h":    Day,
		"106750d": 106750 * Day,
	} {
		if got, err := ParseDuration(in); err != nil || got != want {
			t.Errorf("%q: %v, %v; want %v", in, got, err, want)
		}
	}
	for in, want := range map[string]string{
		"":                      "not a duration",
		"d":                     "not a duration",
		"1y":                    "not a duration",
		"1w":                    "not a duration",
		"365":                   "not a duration",
		"1.5d":                  "not a duration",
		"1d24h":                 "not a duration",
		"1d-1h":                 "not a duration",
		"1h1d":                  "not a duration",
		"1d1d":                  "not a duration",
		"365 d":                 "not a duration",
		"106752d":               "too long",
		"-106752d":              "too long",
		"99999999999999999999d": "too long",
	} {
		if got, err := ParseDuration(in); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, %v; want %q", in, got, err, want)
		}
	}
}

func TestFormatDuration(t *testing.T) {
	t.Parallel()
	for want, d := range map[string]time.Duration{
		"365d":   365 * Day,
		"36h":    36 * time.Hour,
		"1h":     time.Hour,
		"1h30m":  90 * time.Minute,
		"10m":    10 * time.Minute,
		"54m59s": 54*time.Minute + 59*time.Second,
		"1m":     time.Minute,
		"0s":     0,
		"-2d":    -2 * Day,
	} {
		if got := FormatDuration(d); got != want {
			t.Errorf("%v: %q, want %q", d, got, want)
		}
	}
}

func TestParseLife(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		duration, renewBefore string
		life, before          time.Duration
		problem               string
	}{
		{"", "", 365 * Day, 0, ""},
		{"90d", "30d", 90 * Day, 30 * Day, ""},
		{"1h", "5m", time.Hour, 5 * time.Minute, ""},
		{"1h", "54m59s", time.Hour, 54*time.Minute + 59*time.Second, ""},
		{"36500d", "", 36500 * Day, 0, ""},
		{"59m59s", "", 0, 0, `duration "59m59s": must be 1h or more`},
		{"0", "", 0, 0, `duration "0": must be 1h or more`},
		{"-5h", "", 0, 0, `duration "-5h": must be 1h or more`},
		{"36501d", "", 0, 0, `duration "36501d": must be 36500d or less`},
		{"1y", "", 0, 0, `duration "1y": not a duration`},
		{"1h0.5s", "", 0, 0, `duration "1h0.5s": a certificate's dates have whole seconds`},
		{"24h", "25h", 0, 0, `renewBefore "25h": as long as the life of 1d or longer, so it would always be due`},
		{"24h", "24h", 0, 0, `renewBefore "24h": as long as the life of 1d or longer, so it would always be due`},
		{"1h", "55m", 0, 0, `renewBefore "55m": must be 54m59s or less`},
		{"1h", "4m59s", 0, 0, `renewBefore "4m59s": must be 5m or more`},
		{"", "soon", 0, 0, `renewBefore "soon": not a duration`},
		{"1y", "400d", 0, 0, "duration \"1y\": not a duration\nrenewBefore \"400d\": as long as the life of 365d or longer, so it would always be due"},
	} {
		life, before, problems := ParseLife(test.duration, test.renewBefore)
		if problems.Error() != test.problem {
			t.Errorf("%q, %q: %v; want %q", test.duration, test.renewBefore, problems, test.problem)
		}
		if test.problem == "" && (life != test.life || before != test.before) {
			t.Errorf("%q, %q: %v, %v; want %v, %v", test.duration, test.renewBefore, life, before, test.life, test.before)
		}
	}
}

// TestParseLifeAsWritten: where nothing is back-dated, a certificate may be due soon after it is made.
func TestParseLifeAsWritten(t *testing.T) {
	t.Parallel()
	for renewBefore, want := range map[string]string{
		"55m": "", "59m59s": "", "1h": `renewBefore "1h": as long as the life of 1h or longer, so it would always be due`, "4m59s": `renewBefore "4m59s": must be 5m or more`,
	} {
		if _, before, problems := ParseLifeAsWritten("1h", renewBefore); problems.Error() != want || want == "" && FormatDuration(before) != renewBefore {
			t.Errorf("%s: %s, %v, want %s", renewBefore, before, problems, want)
		}
	}
}

// FuzzParseDuration: what is read and written reads the same.
func FuzzParseDuration(f *testing.F) {
	for _, s := range []string{"", "365d", "1d12h", "-1d1h", "8760h", "1.5h", "1y", "99999999999999999999d", "-9223372036854775808ns", "-0d5h"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		d, err := ParseDuration(s)
		if err != nil {
			return
		}
		text := FormatDuration(d)
		if again, err := ParseDuration(text); err != nil || again != d {
			t.Fatalf("%q is %v, written %q, which is %v, %v", s, d, text, again, err)
		}
	})
}
