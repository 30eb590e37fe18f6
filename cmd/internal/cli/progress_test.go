package cli

import (
	"bytes"
	"testing"
	"time"
)

func TestProgressLine(t *testing.T) {
	t.Parallel()
	if line := progressLine(250, 1000, 5*time.Second); line != "250 of 1000, 50 a second, 15s left" {
		t.Error(line)
	}
}

// TestProgressUnwatched: nothing goes into a pipe.
func TestProgressUnwatched(t *testing.T) {
	t.Parallel()
	var err bytes.Buffer
	p := IOStreams{Err: &err}.NewProgress(2)
	p.Step()
	p.Clear()
	if err.Len() > 0 {
		t.Errorf("%q", err.String())
	}
}

// TestProgressWatched: the line comes after a second, and goes.
func TestProgressWatched(t *testing.T) {
	t.Parallel()
	var err bytes.Buffer
	p := &Progress{streams: IOStreams{Err: &err}, total: 3, begun: time.Now()}
	p.Step()
	if err.Len() > 0 {
		t.Errorf("too early: %q", err.String())
	}
	p.begun = time.Now().Add(-time.Minute)
	p.Step()
	p.Step() // too soon after the last
	p.Clear()
	p.Clear()
	if got := err.String(); got != "\r2 of 3, 0 a second, 30s left\x1b[K\r\x1b[K" {
		t.Errorf("%q", got)
	}
}
