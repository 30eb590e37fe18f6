package testbed

import (
	"flag"
	"os"
	"time"
)

// OutOfTime says that less than need is left until `go test` ends the process, as it does after 10 minutes: a machine that is too
// slow for all tests of a package leaves out the last ones, by name. It is never so with CERTGEN_TEST_ALL=1.
func OutOfTime(t interface{ Deadline() (time.Time, bool) }, need time.Duration) bool {
	deadline, ok := t.Deadline()
	out := ok && time.Until(deadline) < need && os.Getenv("CERTGEN_TEST_ALL") != "1"
	if out {
		OnlyThisRun()
	}
	return out
}

// OnlyThisRun has the next `go test` run this package's tests again, though they pass: what was left out for want of time
// may be there then. A test cannot ask for that, but nothing is cached without the log of what it looked at. On Windows
// the log, which is open, stays, and -count=1 is the way.
func OnlyThisRun() {
	if log := flag.Lookup("test.testlogfile"); log != nil && log.Value.String() != "" {
		_ = os.Remove(log.Value.String())
	}
}
