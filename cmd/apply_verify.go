package cmd

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"certgen/certs/lint"
	"certgen/certs/pki"
	"certgen/cmd/internal/cli"
	"certgen/cmd/internal/renewing"
	"certgen/render/report"
	"certgen/secrets/cluster"
	"certgen/secrets/service"
)

// verifyService asks the Service what it serves, and says so to people. It is to be the certificate for all
// names that this is for, be they the Service's own or not; what is only a warning is no failure, as apply
// itself issues such certificates where they are asked for.
func (o *applyOptions) verifyService(ctx context.Context, d *deployment, pair *pki.KeyPair) error {
	want := lint.Expectations{Now: time.Now(), Hosts: slices.DeleteFunc(slices.Clone(pair.Leaf.DNSNames), isWildcard)}
	verdict, err := liveCheck{
		streams: o.streams, cluster: d.store.Server, want: want, systemRoots: systemRoots, timeout: o.timeout,
		check: service.ServiceCheck{Namespace: d.order.Secret.Namespace, Service: o.want.ServedBy(d.target), Secret: d.order.Secret.Name},
	}.run(ctx)
	if err != nil {
		return cli.InterruptedError{Err: err, Words: "stopped verifying; all that was to be done is done"}
	}
	o.streams.Printf("%s", strings.TrimSuffix(verdict.Text(), "\n"))
	if slices.ContainsFunc(verdict.Findings, func(f report.Finding) bool { return f.Severity == lint.Error }) {
		return cli.ErrFound
	}
	return nil
}

// isWildcard reports whether a name stands for many, and so cannot be asked for.
func isWildcard(name string) bool { return strings.HasPrefix(name, "*.") }

// proven asks the Services in front of the workloads that use a new certificate whether they serve it.
func proven(streams cli.IOStreams, server *cluster.Cluster, timeout time.Duration) renewing.Prover {
	return func(ctx context.Context, secret cluster.SecretName, pair *pki.KeyPair, users []cluster.User) error {
		services, err := server.ServicesOf(ctx, secret.Namespace, users)
		if err != nil {
			return err
		}
		if len(services) == 0 {
			streams.Printf("note: secret/%s/%s: no Service is in front of what uses it, so there is nothing to verify", secret.Namespace, secret.Name)
		}
		want := lint.Expectations{Now: time.Now(), Hosts: slices.DeleteFunc(slices.Clone(pair.Leaf.DNSNames), isWildcard)}
		for _, name := range services {
			verdict, err := liveCheck{
				streams: streams, cluster: server, want: want, systemRoots: systemRoots, timeout: timeout,
				check: service.ServiceCheck{Namespace: secret.Namespace, Service: name, Secret: secret.Name},
			}.run(ctx)
			if err != nil {
				return err
			}
			wrong := slices.IndexFunc(verdict.Findings, func(f report.Finding) bool { return f.Severity == lint.Error })
			if wrong >= 0 {
				streams.Printf("%s", strings.TrimSuffix(verdict.Text(), "\n"))
				found := verdict.Findings[wrong]
				return cli.WithHint(fmt.Errorf("service/%s: %s (%s)", name, found.Detail, found.ID), "certgen verify service/%s -n %s says more", name, secret.Namespace)
			}
		}
		return nil
	}
}
