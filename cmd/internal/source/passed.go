package source

import (
	"strings"

	"certgen/render"
)

// Passed counts what of a folder holds no certificate and is passed over: nobody named it.
type Passed struct{ Requests, Keys int }

// Add adds more.
func (p *Passed) Add(more Passed) {
	p.Requests += more.Requests
	p.Keys += more.Keys
}

// KeyAlone reports whether a key is all that there is, of which nothing is to be said where nobody named it.
func (it Item) KeyAlone() bool {
	return it.Err == nil && len(it.Target.Chain) == 0 && len(it.Findings) == 0 && it.Live == nil
}

// Note says what was passed over, for people; "" for nothing.
func (p Passed) Note() string {
	var parts []string
	if p.Requests > 0 {
		parts = append(parts, render.Count(p.Requests, "certificate request"))
	}
	if p.Keys > 0 {
		parts = append(parts, render.Count(p.Keys, "key")+" without a certificate")
	}
	if parts == nil {
		return ""
	}
	return strings.Join(parts, " and ") + " passed over"
}
