package main

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"certgen/internal/testbed"
)

func TestMain(m *testing.M) {
	testscript.Main(testbed.M{M: m}, map[string]func(){"certgen": main, "kubectl-certgen": main, "kubectl_complete-certgen": main})
}

var update = flag.Bool("update", false, "write the expected output of the scripts anew")

// TestScripts runs the user stories in testdata/script. Each is a file of commands with what they print;
// "certgen" is this very binary.
func TestScripts(t *testing.T) {
	testscript.Run(t, userStories(t))
}

func userStories(t *testing.T) testscript.Params {
	t.Helper()
	return testscript.Params{
		Dir:                 "../../testdata/script",
		UpdateScripts:       *update,
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Condition:           onWine(false),
		Cmds: map[string]func(ts *testscript.TestScript, neg bool, args []string){
			"exits":    exits,
			"ca":       makeCA,
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

// onWine gives the scripts the condition [wine]: certgen is the Windows binary.
func onWine(wine bool) func(string) (bool, error) {
	return func(condition string) (bool, error) {
		if condition != "wine" {
			return false, fmt.Errorf("unknown condition %q", condition)
		}
		return wine, nil
	}
}

// exits is "exec" with the exit code that is expected: exits CODE PROGRAM ARGUMENT...
func exits(ts *testscript.TestScript, neg bool, args []string) {
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
