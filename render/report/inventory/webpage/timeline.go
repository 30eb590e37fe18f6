package webpage

import (
	"time"

	"certgen/certs/pki"
	"certgen/render/report/inventory"
)

// period is a part of the timeline.
type period struct {
	Name        string
	From, Until int64 // seconds since 1970; 0 is no bound
	Count       int
	Width       int // of its bar, in hundredths of the longest
	Class       string
}

// timeline counts what ends when: the nearer, the finer.
func timeline(entries []*inventory.Entry, now time.Time) []period {
	ends := []struct {
		name, class string
		after       time.Duration
	}{
		{"expired", "expired", 0},
		{"within a day", "due", pki.Day},
		{"within a week", "due", 7 * pki.Day},
		{"within 30 days", "due", 30 * pki.Day},
		{"within 90 days", "ok", 90 * pki.Day},
		{"within a year", "ok", 365 * pki.Day},
		{"later", "ok", 0},
	}
	periods := make([]period, len(ends))
	var from int64
	for i, end := range ends {
		periods[i] = period{Name: end.name, Class: end.class, From: from, Until: now.Add(end.after).Unix()}
		from = periods[i].Until
	}
	periods[len(periods)-1].Until = 0
	most := 1
	for i := range entries {
		if entries[i].Certificates == 0 {
			continue
		}
		end := entries[i].NotAfter.Unix()
		n := 0
		for n < len(periods)-1 && end >= periods[n].Until {
			n++
		}
		periods[n].Count++
		most = max(most, periods[n].Count)
	}
	for i := range periods {
		if periods[i].Count > 0 {
			periods[i].Width = max(1, 100*periods[i].Count/most)
		}
	}
	return periods
}
