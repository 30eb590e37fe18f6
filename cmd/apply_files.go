package cmd

import (
	"cmp"
	"context"

	"github.com/spf13/pflag"

	"certgen/certs"
	"certgen/certs/encoding"
	"certgen/cmd/internal/cli"
	"certgen/cmd/internal/manifest"
	"certgen/render"
	"certgen/secrets"
	"certgen/secrets/certmanager"
	"certgen/secrets/cluster"
	"certgen/secrets/provision"
)

// requestsAtOnce is how many certificates are on their way to the server at the same time: more than the cores, because each waits
// for the server for most of its time. The server's own fairness rules hold back who asks for too much.
const requestsAtOnce = 32

// applyFiles brings the certificates that manifests ask for into a cluster and calls show with what became of each.
func (o *applyOptions) applyFiles(ctx context.Context, flags *pflag.FlagSet, show func([]cluster.Applied) error) error {
	server, options, err := o.prepareFiles(ctx, flags)
	if err != nil {
		return err
	}
	sources, remove, err := o.files.Sources(ctx, o.streams.In)
	if err != nil {
		return err
	}
	defer remove()
	store := &provision.Cluster{Server: server, Restart: o.restart, Options: o.applied(flags)}
	said := manifest.NewReport(o.streams, o.dryRun != string(cluster.DryRunNone))
	options.Begin = said.Begin
	after := &afterwards{o: o, server: server}
	others := 0
	sum, err := certmanager.Run(ctx, sources, store, options, func(d certmanager.Done) error {
		if d.Result == nil {
			if d.Text != nil {
				others++
			}
			said.Done(d)
			return nil
		}
		d.Result.Err = cli.Explain(d.Result.Err)
		said.Done(d)
		after.add(d)
		return show(d.Result.Objects)
	})
	if err != nil {
		return cli.InterruptedError{Err: cli.Explain(err), Words: "interrupted; run it again to go on"}
	}
	if others > 0 {
		o.streams.Printf("note: %s of other kinds left out: certgen create -f passes them on to kubectl apply", render.Count(others, "object"))
	}
	failed := said.End(sum)
	if o.dryRun != string(cluster.DryRunNone) {
		return failed
	}
	return cmp.Or(after.run(ctx), failed)
}

// prepareFiles connects to the cluster and reads the CA that flags name.
func (o *applyOptions) prepareFiles(ctx context.Context, flags *pflag.FlagSet) (*cluster.Cluster, certmanager.Options, error) {
	options := o.files.Options(requestsAtOnce)
	allowed := []string{"namespace", "reissue", "ca-cert", "ca-key", "ca-secret", "password-file", "adopt", "force-conflicts", "dry-run", "restart", "wait", "verify", "timeout", "output"}
	if err := o.files.Validate(flags, append(allowed, o.cluster.Names()...)...); err != nil {
		return nil, options, err
	}
	if err := o.validateWords(); err != nil {
		return nil, options, err
	}
	if err := o.want.Validate(flags, false); err != nil {
		return nil, options, err
	}
	server, namespace, err := o.cluster.Open(o.want.Namespace(), o.streams)
	if err != nil {
		return nil, options, err
	}
	options.Namespace, options.OneNamespace = namespace, o.want.Namespace() != ""
	options.Reissue = o.want.Reissue()
	options.Elsewhere = certmanager.Cluster{Server: server}
	options.CA, err = authority(ctx, o.streams, &o.want, func(password encoding.Password) (certs.Issuer, error) {
		return o.want.IssuerIn(ctx, server, secrets.Meta{Namespace: namespace}, password)
	})
	return server, options, err
}

// runFiles prints what was done.
func (o *applyOptions) runFiles(ctx context.Context, flags *pflag.FlagSet) error {
	return o.applyFiles(ctx, flags, o.print)
}

// diffFiles prints what would change.
func (o *applyOptions) diffFiles(ctx context.Context, flags *pflag.FlagSet) error {
	found := false
	err := o.applyFiles(ctx, flags, func(done []cluster.Applied) error {
		differs, err := o.printDiff(done)
		found = found || differs
		return err
	})
	switch {
	case err != nil:
		return cli.TroubleError{Err: err}
	case found:
		return cli.ErrFound
	}
	return nil
}
