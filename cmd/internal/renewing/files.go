package renewing

import (
	"bytes"
	"context"
	"fmt"
	"os/exec"
	"runtime"
	"time"

	"github.com/spf13/pflag"

	"certgen/certs"
	"certgen/cmd/internal/cli"
	"certgen/cmd/internal/manifest"
	"certgen/secrets/certmanager"
	"certgen/secrets/cluster"
	"certgen/secrets/provision"
	"certgen/secrets/renew"
)

// runPaths renews files.
func (o *Flags) runPaths(ctx context.Context, flags *pflag.FlagSet, paths []string) error {
	for _, name := range append([]string{"namespace", "selector", "wait", "verify", "max-unavailable", "shard", "lease", "ca-secret", "force-conflicts"}, o.cluster.Names()...) {
		if flags.Changed(name) {
			return cli.Usagef("--%s is for Secrets of a cluster, not for files", name)
		}
	}
	issuer, err := o.want.Issuer(o.want.Password(ctx, o.streams))
	if err != nil {
		return err
	}
	said := o.newReport()
	run := renew.Files{Paths: paths, Choice: o.choice, Adopt: o.adopt, DryRun: said.planned(), Each: said.outcome}
	run.Override.CA, _ = issuer.(*certs.CA)
	if o.exec != "" {
		run.Changed, said.held = o.changed, &bytes.Buffer{}
	}
	began := time.Now()
	sum, err := run.Run(ctx)
	if wrote := o.writeMetrics(sum, began, err != nil); wrote != nil && err == nil {
		return wrote
	}
	switch {
	case err != nil && sum.PutBack > 0:
		said.count(sum)
		return cli.InterruptedError{Err: err, Words: "interrupted; the files from before are put back"}
	case err != nil:
		said.release()
		return cli.InterruptedError{Err: err, Words: "interrupted; run it again to go on"}
	}
	return said.end(sum)
}

// changed runs the command of --exec.
func (o *Flags) changed(ctx context.Context) error {
	shell := []string{"sh", "-c"}
	if runtime.GOOS == "windows" {
		shell = []string{"cmd", "/C"}
	}
	cmd := exec.CommandContext(ctx, shell[0], append(shell[1:], o.exec)...)
	cmd.Stdout, cmd.Stderr = o.streams.Err, o.streams.Err
	err := cmd.Run()
	if ctx.Err() != nil { // the terminal interrupts the command, too, which says so in its own way
		err = ctx.Err()
	}
	if err != nil {
		return fmt.Errorf("--exec %q: %w", o.exec, err)
	}
	return nil
}

// runFiles renews the Secrets of the Certificates that manifests hold.
func (o *Flags) runFiles(ctx context.Context, flags *pflag.FlagSet) error {
	allowed := []string{"namespace", "due", "all", "adopt", "force-conflicts", "dry-run", "timeout", "ca-cert", "ca-key", "ca-secret", "password-file"}
	if err := o.files.Validate(flags, append(allowed, o.cluster.Names()...)...); err != nil {
		return err
	}
	server, namespace, err := o.cluster.Open(o.namespace, o.streams)
	if err != nil {
		return err
	}
	options := o.files.Options(requestsAtOnce)
	options.Namespace, options.OneNamespace = namespace, o.namespace != ""
	options.Reissue, options.Elsewhere = o.all, certmanager.Cluster{Server: server}
	override, err := o.override(ctx, server, namespace)
	if err != nil {
		return err
	}
	options.CA = override.CA
	sources, remove, err := o.files.Sources(ctx, o.streams.In)
	if err != nil {
		return err
	}
	defer remove()
	store := present{&provision.Cluster{Server: server, Restart: true, Options: o.applied()}}
	said := manifest.NewReport(o.streams, o.dryRun != string(cluster.DryRunNone))
	options.Begin = said.Begin
	sum, err := certmanager.Run(ctx, sources, store, options, func(d certmanager.Done) error {
		if d.Result != nil {
			d.Result.Err = cli.Explain(d.Result.Err)
			for _, applied := range d.Result.Objects {
				if err := o.streams.Write(fmt.Appendf(nil, "%s %s\n", applied.Ref, applied.Action)); err != nil {
					return err
				}
			}
		}
		said.Done(d)
		return nil
	})
	if err != nil {
		return cli.InterruptedError{Err: cli.Explain(err), Words: "interrupted; run it again to go on"}
	}
	return said.End(sum)
}

// present is a cluster in which only what is there is renewed.
type present struct{ *provision.Cluster }

// Load has what is missing be an error.
func (s present) Load(ctx context.Context, orders []provision.Order, each func(i int, read func() (provision.Held, error)) error) error {
	return s.Cluster.Load(ctx, orders, func(i int, read func() (provision.Held, error)) error {
		return each(i, func() (provision.Held, error) {
			held, err := read()
			if err == nil && held.PEM.Empty() {
				err = cli.WithHint(fmt.Errorf("secret/%s does not exist, so there is nothing to renew", orders[i].Secret.Path()), "certgen apply -f makes it")
			}
			return held, err
		})
	})
}
