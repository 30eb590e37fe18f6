package cmd

import (
	"context"
	"slices"
	"strings"
	"time"

	"certgen/certs/lint"
	"certgen/certs/pki"
	"certgen/cmd/internal/cli"
	"certgen/render/report"
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
