package renewing

import (
	"context"
	"fmt"
	"os"
	"strconv"
	"strings"

	"github.com/spf13/pflag"

	"certgen/certs"
	"certgen/certs/pki"
	"certgen/cmd/internal/cli"
	"certgen/render"
	"certgen/secrets"
	"certgen/secrets/cluster"
	"certgen/secrets/provision"
	"certgen/secrets/renew"
)

// requestsAtOnce is how many certificates are on their way to the server at the same time, as with certgen apply -f.
const requestsAtOnce = 32

// runCluster renews the Secrets of a cluster.
func (o *Flags) runCluster(ctx context.Context, flags *pflag.FlagSet, names []string) error {
	shard, err := parseShard(o.shard, os.Getenv)
	if err != nil {
		return err
	}
	if o.shard != "" && !o.allNamespaces {
		return cli.Usagef("--shard is for -A")
	}
	config := o.cluster.Config(o.namespace)
	namespace, _, err := config.Namespace()
	if err != nil {
		return cli.BadKubeconfig(err)
	}
	server, err := o.cluster.Connect(config, o.streams)
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
	sum, err := run.Run(ctx)
	if err != nil {
		return cli.InterruptedError{Err: cli.Explain(err), Words: "interrupted; run it again to go on"}
	}
	return said.end(sum)
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

// parseShard reads --shard: I/N, or /N with the index that Kubernetes gives a Pod of an Indexed Job.
func parseShard(text string, getenv func(string) string) (renew.Shard, error) {
	if text == "" {
		return renew.Shard{}, nil
	}
	const variable = "JOB_COMPLETION_INDEX"
	index, of, ok := strings.Cut(text, "/")
	if index == "" {
		index = getenv(variable)
	}
	i, badIndex := strconv.Atoi(index)
	n, badOf := strconv.Atoi(of)
	switch {
	case !ok || badOf != nil || n < 1:
		return renew.Shard{}, cli.Usagef("--shard %q: must be I/N, such as 0/4", text)
	case badIndex != nil || i < 0 || i >= n:
		return renew.Shard{}, cli.WithHint(cli.Usagef("--shard %q: the index %q must be 0 to %d", text, index, n-1), "with /N it is the variable %s, which Kubernetes sets in an Indexed Job", variable)
	}
	return renew.Shard{Index: i, Of: n}, nil
}

// renewReport says what became of the certificates.
type renewReport struct {
	*Flags
	suffix string
	err    error // of standard output
}

func (o *Flags) newReport() *renewReport {
	return &renewReport{Flags: o, suffix: map[string]string{"client": " (dry run)", "server": " (server dry run)"}[o.dryRun]}
}

func (r *renewReport) planned() bool { return r.dryRun != string(cluster.DryRunNone) }

// outcome tells of one certificate.
func (r *renewReport) outcome(o renew.Outcome) {
	if o.Err != nil {
		err := cli.Explain(o.Err)
		r.streams.Printf("error: %s: %v", o.Ref, err)
		if hint := pki.HintOf(err); hint != "" {
			r.streams.Printf("hint: %s", hint)
		}
	}
	done := o.Result
	switch {
	case done != nil && done.Pair != nil && done.Action != provision.Kept:
		verb := "renewed"
		if r.planned() {
			verb = "would renew"
		}
		r.streams.Printf("%s: %s: %s; %s, valid until %s", verb, o.Ref, done.Detail, done.Signer, pki.FormatTime(done.Pair.Leaf.NotAfter))
		for _, warning := range done.Warnings {
			r.streams.Printf("warning: %s: %s", o.Ref, warning)
		}
		if o.Err == nil {
			r.print("%s renewed%s", o.Ref, r.suffix)
		}
	case done != nil && o.Err == nil:
		r.streams.Printf("kept: %s: another run has renewed it", o.Ref)
	case o.Err == nil:
		r.streams.Printf("%s: %s: %s", o.Decision.Verdict, o.Ref, o.Decision.Reason)
	}
	for _, ref := range o.Rolled {
		r.print("%s restarted%s", ref, r.suffix)
	}
}

// print writes a line of the result.
func (r *renewReport) print(format string, args ...any) {
	if err := r.streams.Write(fmt.Appendf(nil, format+"\n", args...)); err != nil && r.err == nil {
		r.err = err
	}
}

// end counts, and fails quietly where something failed that was said already.
func (r *renewReport) end(sum renew.Summary) error {
	line := render.Count(sum.Seen, "certificate")
	renewed := "renewed"
	if r.planned() {
		renewed = "to be renewed"
	}
	for _, part := range []struct {
		count int
		what  string
	}{{sum.Renewed, renewed}, {sum.Kept, "not due"}, {sum.Waiting, "waiting for a window"}, {sum.Foreign, "kept by others"}, {sum.Failed, "failed"}} {
		if part.count > 0 {
			line += fmt.Sprintf(", %d %s", part.count, part.what)
		}
	}
	r.streams.Printf("%s", line)
	switch {
	case r.err != nil:
		return r.err
	case sum.Failed > 0:
		return cli.ErrQuiet
	}
	return nil
}
