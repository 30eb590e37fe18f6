package e2e

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	"certgen/cmd"
)

// Programs are the commands that scripts know certgen by, which the test's own binary runs.
func Programs() map[string]func() {
	return map[string]func(){"certgen": run, "kubectl-certgen": run, "kubectl_complete-certgen": run}
}

// run is what cmd/certgen does, which no other package can import.
func run() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second Ctrl-C ends the process at once
	os.Exit(cmd.Run(ctx, os.Args, cmd.IOStreams{In: os.Stdin, Out: os.Stdout, Err: os.Stderr}))
}
