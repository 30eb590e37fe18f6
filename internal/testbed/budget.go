package testbed

import (
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"testing"
	"time"
)

// Deadline returns when `go test` ends the process, which by default it does 10 minutes after the start.
func Deadline(t testing.TB, now time.Time) time.Time {
	if t, ok := t.(interface{ Deadline() (time.Time, bool) }); ok { // a benchmark has none
		if deadline, ok := t.Deadline(); ok {
			return deadline
		}
	}
	return now.Add(10 * time.Minute)
}

// buildLimit returns when a process gives up building that begins with it now: so early that its tests have the
// time that they need before the deadline. Half of the time until then is the most that it may take, because
// `go test ./...` has more packages to test than those that wait for a program.
func buildLimit(now, deadline time.Time, need time.Duration) time.Time {
	limit := deadline.Add(-need)
	if half := now.Add(deadline.Sub(now) / 2); half.Before(limit) {
		return half
	}
	return limit
}

// runLimit is when a run of `go test`, which may test many packages, gives up building.
type runLimit struct {
	Run   int       // the process that runs the tests
	Limit time.Time // of the first one that built
}

// shareLimit returns the limit of the run that this process belongs to, if that is before its own: the packages of
// one run have the time to build once, not one after the other. The file keeps the last run's.
func shareLimit(file string, own time.Time) (time.Time, error) {
	run := runLimit{os.Getppid(), own}
	text, err := os.ReadFile(file)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return own, err
	}
	var last runLimit
	// Who runs a test's binary by hand is one process all day.
	if json.Unmarshal(text, &last) == nil && last.Run == run.Run && time.Since(last.Limit) < 10*time.Minute {
		if last.Limit.Before(own) {
			return last.Limit, nil
		}
		return own, nil
	}
	if text, err = json.Marshal(run); err != nil {
		return own, err
	}
	return own, os.WriteFile(file, text, 0o600)
}
