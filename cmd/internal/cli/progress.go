package cli

import (
	"fmt"
	"time"
)

// Progress is the last line of a terminal, which says how far many things are. Where nobody watches there is none: a nil Progress does
// nothing.
type Progress struct {
	streams IOStreams
	total   int
	done    int
	begun   time.Time
	written time.Time // the last time that the line was
	shown   bool      // it is there
}

const (
	// patience is how long a person watches a silent program before wondering whether it hangs.
	patience = time.Second
	// refresh is how often the line is written anew: faster than people read.
	refresh = 200 * time.Millisecond
)

// NewProgress begins a line for so many things.
func (s IOStreams) NewProgress(total int) *Progress {
	if !s.Watched() {
		return nil
	}
	return &Progress{streams: s, total: total, begun: time.Now()}
}

// Step says that one more is done.
func (p *Progress) Step() {
	if p == nil {
		return
	}
	p.done++
	now := time.Now()
	if now.Sub(p.begun) < patience || now.Sub(p.written) < refresh {
		return
	}
	p.written, p.shown = now, true
	fmt.Fprintf(p.streams.Err, "\r%s\x1b[K", progressLine(p.done, p.total, now.Sub(p.begun)))
}

// Clear takes the line away, so that another can be written in its place.
func (p *Progress) Clear() {
	if p == nil || !p.shown {
		return
	}
	fmt.Fprint(p.streams.Err, "\r\x1b[K")
	p.shown = false
}

// progressLine says how many of all are done, how many a second, and how long the rest takes at that rate.
func progressLine(done, total int, elapsed time.Duration) string {
	rate := float64(done) / elapsed.Seconds()
	left := time.Duration(float64(total-done) / rate * float64(time.Second)).Round(time.Second)
	return fmt.Sprintf("%d of %d, %.0f a second, %s left", done, total, rate, left)
}
