package testbed

import (
	"os"
	"testing"
)

// Missing ends a test for want of something that this machine lacks: it skips it, by name, and fails it with
// CERTGEN_TEST_ALL=1, which says that everything is there.
func Missing(t testing.TB, format string, args ...any) {
	t.Helper()
	if os.Getenv("CERTGEN_TEST_ALL") == "1" {
		t.Fatalf(format, args...)
	}
	t.Skipf(format, args...)
}

// Long skips a test in a run with -short, and says what it does that takes long: "starts Wine".
func Long(t testing.TB, does string) {
	t.Helper()
	if testing.Short() {
		Missing(t, "%s, which a run with -short does not", does)
	}
}
