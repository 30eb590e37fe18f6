// Command certgen makes a TLS certificate and puts it where Kubernetes needs it.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	"certgen/cmd"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second Ctrl-C ends the process at once
	os.Exit(cmd.Run(ctx, os.Args, cmd.IOStreams{In: os.Stdin, Out: os.Stdout, Err: os.Stderr}))
}
