package story

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"certgen/internal/testbed"
)

// Local are the user stories in testdata/script, which need no cluster. update writes their expected output anew.
func Local(t *testing.T, update bool) testscript.Params {
	t.Helper()
	return testscript.Params{
		Dir:                 testbed.Data(t, "script"),
		UpdateScripts:       update,
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Condition:           OnWine(false),
		Cmds: map[string]func(ts *testscript.TestScript, neg bool, args []string){
			"exits":    Exits,
			"ca":       MakeCA,
			"sign":     signRequest,
			"reform":   reform,
			"serve":    serveScript,
			"misserve": misserveScript(t),
		},
		Setup: func(env *testscript.Env) error {
			env.Setenv("HOME", env.WorkDir)
			env.Setenv("KUBECONFIG", env.WorkDir+string(os.PathSeparator)+"never-read")
			return nil
		},
	}
}

// OnWine gives the scripts the condition [wine]: certgen is the Windows binary.
func OnWine(wine bool) func(string) (bool, error) {
	return func(condition string) (bool, error) {
		if condition != "wine" {
			return false, fmt.Errorf("unknown condition %q", condition)
		}
		return wine, nil
	}
}

// Exits is "exec" with the exit code that is expected: exits CODE PROGRAM ARGUMENT...
func Exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits CODE PROGRAM ARGUMENT...")
	}
	code := 0
	var exit *exec.ExitError
	if err := ts.Exec(args[1], args[2:]...); errors.As(err, &exit) {
		code = exit.ExitCode()
	} else {
		ts.Check(err)
	}
	if strconv.Itoa(code) != args[0] {
		ts.Fatalf("%q exits with %d, want %s", args[1:], code, args[0])
	}
}
