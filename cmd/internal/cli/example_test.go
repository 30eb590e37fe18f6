package cli_test

import (
	"context"
	"errors"
	"fmt"
	"os"

	"certgen/cmd/internal/cli"
)

// An error goes to standard error, its hint below it; the exit code tells scripts what kind of error it is.
func ExampleIOStreams_Report() {
	streams := cli.IOStreams{Out: os.Stdout, Err: os.Stdout} // so that this example can show it
	failed := cli.WithHint(errors.New("ca.crt: no such file"), "name the CA's certificate with --ca-cert")
	fmt.Println("exit", streams.Report(context.Background(), failed, "certgen create"))
	fmt.Println("exit", streams.Report(context.Background(), cli.Usagef("unexpected argument %q", "now"), "certgen version"))
	// Output:
	// error: ca.crt: no such file
	// hint: name the CA's certificate with --ca-cert
	// exit 1
	// error: unexpected argument "now"
	// hint: "certgen version --help" shows the flags and examples
	// exit 2
}

// A flag that takes a list keeps what is empty, so that it can be refused.
func ExampleListValue() {
	var hosts cli.ListValue
	fmt.Println(hosts.Set("a.example,b.example,"), len(hosts))
	// Output:
	// <nil> 3
}
