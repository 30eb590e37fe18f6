package testbed

import (
	"os"
	"time"
)

// OutOfTime says that less than need is left until `go test` ends the process, as it does after 10 minutes: a machine that is too
// slow for all tests of a package leaves out the last ones, by name. It is never so with CERTGEN_TEST_ALL=1.
func OutOfTime(t interface{ Deadline() (time.Time, bool) }, need time.Duration) bool {
	deadline, ok := t.Deadline()
	return ok && time.Until(deadline) < need && os.Getenv("CERTGEN_TEST_ALL") != "1"
}
