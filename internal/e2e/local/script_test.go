package local

import (
	"flag"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"certgen/internal/e2e"
	"certgen/internal/e2e/story"
)

func TestMain(m *testing.M) {
	testscript.Main(m, e2e.Programs())
}

var update = flag.Bool("update", false, "write the expected output of the scripts anew")

// TestScripts runs the user stories in testdata/script. Each is a file of commands with what they print;
// "certgen" is this very binary.
func TestScripts(t *testing.T) {
	testscript.Run(t, story.Local(t, *update))
}
