package renewing

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"

	"certgen/cmd/internal/cli"
	"certgen/secrets"
	"certgen/secrets/cluster"
	"certgen/secrets/cronjob"
)

// parseLease reads --lease.
func parseLease(text string) (cluster.Lease, error) {
	namespace, name, _ := strings.Cut(text, "/")
	if len(secrets.Label.Judge("", namespace))+len(secrets.Subdomain.Judge("", name)) > 0 {
		return cluster.Lease{}, cli.Usagef("--lease %q: must be NAMESPACE/NAME", text)
	}
	host, err := os.Hostname()
	if err != nil {
		return cluster.Lease{}, err
	}
	// In a Pod the host's name is its own; elsewhere two runs may share it.
	return cluster.Lease{Namespace: namespace, Name: name, Holder: fmt.Sprintf("%s-%d", host, os.Getpid()), Duration: cronjob.LeaseDuration}, nil
}

// leased calls do, while it holds the Lease where one is named.
func (o *Flags) leased(ctx context.Context, server *cluster.Cluster, do func(context.Context) error) error {
	if o.lease == "" || o.dryRun != string(cluster.DryRunNone) {
		return do(ctx)
	}
	lease, err := parseLease(o.lease)
	if err != nil {
		return err
	}
	err = server.WithLease(ctx, lease, do)
	var held *cluster.LeaseHeld
	if errors.As(err, &held) {
		return cli.WithHint(fmt.Errorf("--lease: %w", err), "another run is at work; where there is none, wait that long")
	}
	return err
}
