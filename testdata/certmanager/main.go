// Command certmanager is the real cert-manager as a judge: its own controllers, its own validation and its own renewal
// times, without a container, a webhook or a chart. Its module's path lies below cert-manager's, so it may import what
// is internal there.
//
//	certmanager run KUBECONFIG    the controllers, until interrupted
//	certmanager validate          Certificates and Issuers, a JSON object a line → {"errors":[…]} a line
//	certmanager renewal           renewal cases, a JSON object a line → {"time":…} or {"error":…} a line
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "certmanager:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string) error {
	switch {
	case len(args) == 2 && args[0] == "run":
		return control(ctx, args[1])
	case len(args) == 1 && args[0] == "validate":
		return answer(os.Stdin, os.Stdout, validate)
	case len(args) == 1 && args[0] == "renewal":
		return answer(os.Stdin, os.Stdout, renewal)
	}
	return errors.New("usage: certmanager run KUBECONFIG | validate | renewal")
}
