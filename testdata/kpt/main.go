// Command kpt is the part of kpt that runs functions, "kpt fn". All of kpt cannot be built from its module: another one that it
// requires, github.com/kptdev/kpt/rollouts, is not to be had from a module proxy.
package main

import (
	"context"
	"os"

	"github.com/kptdev/kpt/commands/fn"
	"github.com/kptdev/kpt/pkg/printer"
)

func main() {
	ctx := printer.WithContext(context.Background(), printer.New(os.Stdout, os.Stderr))
	cmd := fn.GetCommand(ctx, "kpt")
	cmd.SilenceUsage = true
	if cmd.Execute() != nil { // which has said why
		os.Exit(1)
	}
}
