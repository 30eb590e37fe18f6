package cmd

import (
	"bytes"
	"context"

	"github.com/rogpeppe/go-internal/diff"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"certgen/cmd/internal/cli"
	"certgen/render"
	"certgen/secrets/cluster"
)

func newDiffCmd(streams cli.IOStreams) *cobra.Command {
	o := &applyOptions{streams: streams, dryRun: string(cluster.DryRunServer)}
	cmd := &cobra.Command{
		Use:   "diff NAME | -f FILE",
		Short: "Show what certgen apply would change in a cluster",
		Long: `Show what certgen apply with the same flags would change: of a certificate its names, dates, issuer and
key type, of other objects their fields. Of private keys, and of data that others put into the Secret,
only the size is shown. The server tries the changes without keeping them. With --adopt that includes
what would be removed from objects that certgen did not make.

As kubectl diff does, it exits with 0 when nothing would change, 1 when something would, and more
than 1 when it failed.`,
		Example: `  certgen diff nginxsecret --bundle nginx
  certgen diff web-tls --service web -n shop --dns web.example.com`,
		ValidArgs: []string{cli.BuiltInName},
		RunE: func(cmd *cobra.Command, args []string) error {
			if o.files.Given() && len(args) == 0 {
				return cli.Comparison(o.diffFiles(cmd.Context(), cmd.Flags()))
			}
			if err := cli.OneName(cmd, args); err != nil {
				return err
			}
			return cli.Comparison(o.runDiff(cmd.Context(), cmd.Flags(), args[0]))
		},
	}
	o.want.AddTo(cmd)
	o.files.AddTo(cmd)
	o.addTo(cmd)
	return cmd
}

func (o *applyOptions) runDiff(ctx context.Context, flags *pflag.FlagSet, name string) error {
	d, err := o.prepare(ctx, flags, name)
	if err != nil {
		return err
	}
	done, err := o.bringAbout(ctx, d)
	if err != nil {
		return cli.Explain(err)
	}
	if found, err := o.printDiff(done.Objects); err != nil || !found {
		return err
	}
	return cli.ErrFound
}

// printDiff prints what changed and reports whether anything did.
func (o *applyOptions) printDiff(done []cluster.Applied) (found bool, err error) {
	var out []byte
	for _, applied := range done {
		before, err := redacted(applied.Before)
		if err != nil {
			return false, err
		}
		after, err := redacted(applied.Object)
		if err != nil {
			return false, err
		}
		out = append(out, diff.Diff("live "+applied.Ref, before, "wanted "+applied.Ref, after)...)
	}
	return len(out) > 0, o.streams.Write(out)
}

// redacted is an object as YAML that may be shown; nothing where there is none.
func redacted(obj *unstructured.Unstructured) ([]byte, error) {
	if obj == nil {
		return nil, nil
	}
	text, err := render.Encode(render.YAML, cluster.Redacted(obj))
	return bytes.TrimPrefix(text, []byte("---\n")), err
}
