package testbed

import (
	"os"
	"os/exec"
	"runtime"
	"strings"
	"testing"
)

// TestOnlyThisRun runs itself with `go test`, twice each way: a run is cached unless it says that it stands for itself.
func TestOnlyThisRun(t *testing.T) {
	t.Parallel()
	const variable = "CERTGEN_TEST_ONLY_THIS_RUN"
	switch os.Getenv(variable) {
	case "yes":
		OnlyThisRun()
		return
	case "no":
		return
	}
	Long(t, "runs go test")
	if runtime.GOOS == "windows" {
		t.Skip("a file that is open cannot be removed on Windows")
	}
	for value, want := range map[string]bool{"yes": false, "no": true} {
		var out []byte
		for range 2 {
			cmd := exec.Command("go", "test", "-run", "^TestOnlyThisRun$", ".")
			cmd.Env = append(os.Environ(), variable+"="+value)
			var err error
			if out, err = cmd.CombinedOutput(); err != nil {
				t.Fatalf("%v\n%s", err, out)
			}
		}
		if cached := strings.Contains(string(out), "(cached)"); cached != want {
			t.Errorf("%s: cached is %v, want %v\n%s", value, cached, want, out)
		}
	}
}
