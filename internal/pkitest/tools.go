package pkitest

import (
	"os"
	"os/exec"
	"testing"
)

// RunTool runs a program that reads or writes what is tested here. A machine without it skips the test
// by name, unless CERTGEN_TEST_ALL=1 says that nothing may be skipped.
func RunTool(t *testing.T, name string, args ...string) []byte {
	t.Helper()
	out, err := tryTool(t, name, args...)
	if err != nil {
		t.Fatalf("%s %v: %v\n%s", name, args, err, out)
	}
	return out
}

// tryTool is RunTool for a program that is expected to fail.
func tryTool(t *testing.T, name string, args ...string) ([]byte, error) {
	t.Helper()
	path, err := exec.LookPath(name)
	if err != nil {
		if os.Getenv("CERTGEN_TEST_ALL") == "1" {
			t.Fatalf("needs %s: %v", name, err)
		}
		t.Skipf("needs %s: %v", name, err)
	}
	return exec.Command(path, args...).CombinedOutput()
}
