package cmd

import (
	"context"
	"os"
	"os/signal"
	"syscall"
)

// Execute is what the program does: it runs the command line with the process's own streams, which a signal interrupts,
// and ends the process.
func Execute() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second Ctrl-C ends the process at once
	os.Exit(Run(ctx, os.Args, IOStreams{In: os.Stdin, Out: os.Stdout, Err: os.Stderr}))
}
