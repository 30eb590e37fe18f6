package renewal

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"
	"time"

	"certgen/certs/pki"
)

// TestParseProblems: all that is wrong is said at once, with cert-manager's names.
func TestParseProblems(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		before     time.Duration
		percentage int
		spec       string
		want       []string
	}{
		{time.Hour, 30, `null`, []string{`renewBeforePercentage "30": renewBefore is given`}},
		{0, 100, `null`, []string{`renewBeforePercentage "100": must be 1 to 99`}},
		{0, -1, `null`, []string{`renewBeforePercentage "-1": must be 1 to 99`}},
		{0, 98, `null`, []string{`renewBeforePercentage "98": of a life of 1h it leaves 1m12s`}},
		{0, 0, `{}`, []string{`renewal.policy "": must be RenewBefore or Disabled`}},
		{0, 0, `{"policy":"Disabled","windows":[{}]}`, []string{`renewal.windows "": windows are of no use`}},
		{0, 0, `{"policy":"disabled","windows":[{},{"cron":"* * * *","timezone":"Mars/Olympus","windowDuration":"-1h"},{"cron":"61 * * * *","timezone":"Local","windowDuration":"1d"}]}`, []string{
			`renewal.policy "disabled"`, `renewal.windows[0].cron ""`, `renewal.windows[0].windowDuration "": is not set`,
			`renewal.windows[1].timezone "Mars/Olympus"`, `renewal.windows[1].cron "* * * *"`, `renewal.windows[1].windowDuration "-1h"`,
			`renewal.windows[2].timezone "Local"`, `renewal.windows[2].cron "61 * * * *"`, `renewal.windows[2].windowDuration "1d"`,
		}},
		{0, 0, `{"policy":"RenewBefore","windows":[{"cron":"0 0 30 2 *","windowDuration":"0s"},{"cron":"TZ=UTC","windowDuration":"1ms"},{"cron":"CRON_TZ=Asia/Tokyo 0 0 * * *","windowDuration":"1h"}]}`, []string{
			`renewal.windows[0].cron "0 0 30 2 *": there is no such date`, `renewal.windows[0].windowDuration "0s": must be more than 0`,
			`renewal.windows[1].cron "TZ=UTC": the time zone has a field of its own`, `renewal.windows[1].windowDuration "1ms"`,
			`renewal.windows[2].cron "CRON_TZ=Asia/Tokyo 0 0 * * *": the time zone`,
		}},
	} {
		var spec *Spec
		if err := json.Unmarshal([]byte(test.spec), &spec); err != nil {
			t.Fatal(err)
		}
		var percentage *int
		if test.percentage != 0 {
			percentage = &test.percentage
		}
		_, problems := Parse(time.Hour, test.before, percentage, spec)
		if len(problems) != len(test.want) {
			t.Errorf("%s: %d problems, want %d:\n%v", test.spec, len(problems), len(test.want), problems)
			continue
		}
		for i, want := range test.want {
			if !strings.HasPrefix(problems[i].Error(), want) {
				t.Errorf("%s: %q, want %q", test.spec, problems[i], want)
			}
		}
	}
}

// FuzzParse: whatever a file says, parsing it ends, and what passes has a time that is not ahead of what is wanted,
// and is written as it was read.
func FuzzParse(f *testing.F) {
	f.Add("RenewBefore", "0 2 * * 6", "Europe/Berlin", "4h", 33, int64(0))
	f.Add("RenewBefore", "@every 1h", "", "1h30m", 0, int64(time.Hour))
	f.Add("RenewBefore", "TZ=0", "UTC", "1s", 0, int64(0))
	f.Add("RenewBefore", "0 0 29 2 ?", "Pacific/Apia", "100000h", 1, int64(0))
	f.Add("Disabled", "", "", "", 99, int64(0))
	f.Fuzz(func(t *testing.T, policy, schedule, zone, duration string, percentage int, before int64) {
		spec := &Spec{Policy: policy}
		if policy != Never {
			spec.Windows = []WindowSpec{{schedule, zone, duration}}
		}
		p, problems := Parse(pki.DefaultDuration, time.Duration(before), &percentage, spec)
		if len(problems) > 0 {
			return
		}
		notBefore := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
		got, renewed := p.At(notBefore, notBefore.Add(pki.DefaultDuration))
		wanted, _ := Policy{Before: p.Before, Percentage: p.Percentage}.At(notBefore, notBefore.Add(pki.DefaultDuration))
		if renewed == p.Disabled || renewed && got.Before(wanted) {
			t.Errorf("due at %v, %v", got, renewed)
		}
		again, problems := Parse(pki.DefaultDuration, p.Before, &percentage, p.Spec())
		if len(problems) > 0 || !reflect.DeepEqual(again.Spec(), p.Spec()) {
			t.Errorf("%v is written as %v: %v", spec, again.Spec(), problems)
		}
	})
}
