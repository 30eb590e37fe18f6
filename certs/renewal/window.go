package renewal

import (
	"cmp"
	"errors"
	"strings"
	"time"

	"github.com/robfig/cron/v3"
)

// Window is a time that comes again and again, in which a certificate may be renewed. [Parse] makes it.
type Window struct {
	Cron     string // when it opens: minute, hour, day of month, month, day of week; or @daily and the like
	Timezone string // an IANA name, by which Cron is read; "" is UTC
	Duration time.Duration

	opens cron.Schedule
}

// open reports whether the window is open at a time, its end included: cert-manager takes that for within. Windows
// that opened more than their own length before notBefore do not count, nor those as long after notAfter.
func (w Window) open(notBefore, notAfter, at time.Time) bool {
	back := w.Duration
	if every, ok := w.opens.(cron.ConstantDelaySchedule); ok {
		back = max(back, every.Delay) // it opens at no fixed time, but so often after any
	}
	from := at.Add(-back)
	if whole := from.Truncate(time.Second); whole.Before(from) {
		from = whole.Add(time.Second)
	}
	if first := notBefore.Add(-w.Duration).Truncate(time.Second); from.Before(first) {
		from = first
	}
	opened := w.next(from)
	return !opened.IsZero() && !opened.After(at) && !opened.After(notAfter.Add(w.Duration)) && !at.After(opened.Add(w.Duration))
}

// next is the first time from a whole second on at which the window opens; zero where it never does.
func (w Window) next(from time.Time) time.Time {
	from = from.Add(-time.Second)
	next := w.opens.Next(from)
	if next.IsZero() {
		// The library looks five years ahead; around 2100 there are eight between two 29ths of February.
		next = w.opens.Next(from.AddDate(4, 0, 0))
	}
	return next
}

// parseCron reads the five fields or the descriptor of a schedule. It is cert-manager's syntax, which has a copy of
// the same library.
func parseCron(text string, zone *time.Location) (cron.Schedule, error) {
	if strings.HasPrefix(text, "TZ=") || strings.HasPrefix(text, "CRON_TZ=") {
		return nil, errors.New("the time zone has a field of its own, timezone")
	}
	schedule, err := cron.NewParser(cron.Minute | cron.Hour | cron.Dom | cron.Month | cron.Dow | cron.Descriptor).Parse(text)
	if err != nil {
		return nil, err
	}
	if fields, ok := schedule.(*cron.SpecSchedule); ok {
		fields.Location = zone
	}
	// From here on there is a 29th of February within a few months, so that only impossible dates are never.
	if schedule.Next(time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC)).IsZero() {
		return nil, errors.New("there is no such date, so it would never open")
	}
	return schedule, nil
}

// parseZone reads the name of a time zone.
func parseZone(name string) (*time.Location, error) {
	if name == "Local" {
		return nil, errors.New("which time zone that is depends on the machine")
	}
	return time.LoadLocation(cmp.Or(name, "UTC"))
}
