package main

import (
	"flag"
	"os"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"certgen/internal/testbed"
)

func TestMain(m *testing.M) {
	testscript.Main(testbed.M{M: m}, map[string]func(){"certgen": main})
}

var update = flag.Bool("update", false, "write the expected output of the scripts anew")

// TestScripts runs the user stories in testdata/script. Each is a file of commands with what they print;
// "certgen" is this very binary.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 "../../testdata/script",
		UpdateScripts:       *update,
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Setup: func(env *testscript.Env) error {
			env.Setenv("HOME", env.WorkDir)
			env.Setenv("KUBECONFIG", env.WorkDir+string(os.PathSeparator)+"never-read")
			return nil
		},
	})
}
