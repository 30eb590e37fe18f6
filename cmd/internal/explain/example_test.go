package explain_test

import (
	"os"

	"certgen/cmd/internal/cli"
	"certgen/cmd/internal/explain"
)

func Example() {
	cmd := explain.New(cli.IOStreams{Out: os.Stdout})
	cmd.SetArgs([]string{"not-yet-valid"})
	if err := cmd.Execute(); err != nil {
		panic(err)
	}
	// Output:
	// error: not-yet-valid
	//
	// - breaks: every client
	// - mend: wait until then, or check the clock of the machine that made it
	// - source: RFC 5280, section 4.1.2.5
}
