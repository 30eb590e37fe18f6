package renewing

import (
	"context"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"certgen/certs"
	"certgen/cmd/internal/cli"
	"certgen/secrets"
	"certgen/secrets/cluster"
	"certgen/secrets/renew"
)

// requestsAtOnce is how many certificates are on their way to the server at the same time, as with certgen apply -f.
const requestsAtOnce = 32

// runCluster renews the Secrets of a cluster.
func (o *Flags) runCluster(ctx context.Context, flags *pflag.FlagSet, names []string) error {
	shard, err := parseShard(o.shard)
	if err != nil {
		return err
	}
	if o.shard != "" && !o.allNamespaces {
		return cli.Usagef("--shard is for -A")
	}
	server, namespace, err := o.cluster.Open(o.namespace, o.streams)
	if err != nil {
		return err
	}
	override, err := o.override(ctx, server, namespace)
	if err != nil {
		return err
	}
	if o.allNamespaces {
		namespace = ""
	}
	said := o.newReport()
	run := renew.Cluster{
		Server: server, Choice: o.choice, Apply: o.applied(), Namespace: namespace, Names: names, Selector: o.selector,
		Shard: shard, Override: override, Parallel: requestsAtOnce,
		Rolling: renew.Rolling{MaxUnavailable: o.maxUnavailable, Wait: o.wait || o.verify, Timeout: o.timeout},
		Each:    said.outcome,
	}
	if o.verify {
		run.Proven = o.Proven(server, o.timeout)
	}
	began := time.Now()
	var sum renew.Summary
	if o.events && !said.planned() {
		run.Each = func(outcome renew.Outcome) {
			said.outcome(outcome)
			said.record(ctx, server, outcome)
		}
	}
	err = o.leased(ctx, server, func(ctx context.Context) (err error) {
		sum, err = run.Run(ctx)
		return err
	})
	if wrote := o.writeMetrics(sum, began, err != nil); wrote != nil && err == nil {
		return wrote
	}
	if err != nil {
		return cli.InterruptedError{Err: cli.Explain(err), Words: "interrupted; run it again to go on"}
	}
	return said.end(sum)
}

// record records an Event. That it cannot be is said once, and is no failure.
func (r *report) record(ctx context.Context, server *cluster.Cluster, o renew.Outcome) {
	event, ok := o.Event()
	if !ok || r.mute {
		return
	}
	if err := server.Record(ctx, event); err != nil && ctx.Err() == nil {
		r.mute = true
		r.streams.Printf("note: no Events are recorded: %v", err)
	}
}

// applied is how Secrets are applied.
func (o *Flags) applied() cluster.ApplyOptions {
	return cluster.ApplyOptions{DryRun: cluster.DryRun(o.dryRun), Adopt: o.adopt, Force: o.force}
}

// override reads the CA that flags name.
func (o *Flags) override(ctx context.Context, server *cluster.Cluster, namespace string) (renew.Override, error) {
	from := o.want.From()
	if from.SecretName != "" && from.Namespace == "" && o.allNamespaces {
		return renew.Override{}, cli.Usagef("--ca-secret %q: with -A it must be NAMESPACE/NAME", from.SecretName)
	}
	issuer, err := o.want.IssuerIn(ctx, server, secrets.Meta{Namespace: namespace}, o.want.Password(ctx, o.streams))
	if err != nil {
		return renew.Override{}, err
	}
	ca, _ := issuer.(*certs.CA)
	return renew.Override{CA: ca, From: from}, nil
}

// parseShard reads --shard.
func parseShard(text string) (renew.Shard, error) {
	if text == "" {
		return renew.Shard{}, nil
	}
	index, of, ok := strings.Cut(text, "/")
	i, badIndex := strconv.Atoi(index)
	n, badOf := strconv.Atoi(of)
	switch {
	case !ok || badOf != nil || badIndex != nil || n < 1:
		return renew.Shard{}, cli.Usagef("--shard %q: must be I/N, such as 0/4", text)
	case i < 0 || i >= n:
		return renew.Shard{}, cli.Usagef("--shard %q: the index must be 0 to %d", text, n-1)
	}
	return renew.Shard{Index: i, Of: n}, nil
}
