package cmd

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"k8s.io/apimachinery/pkg/runtime"

	"certgen/certs"
	"certgen/certs/encoding"
	"certgen/cmd/internal/cli"
	"certgen/cmd/internal/manifest"
	"certgen/cmd/internal/order"
	"certgen/render"
	"certgen/secrets/cluster"
	"certgen/secrets/provision"
)

type applyOptions struct {
	streams cli.IOStreams
	want    order.Flags
	cluster cli.ClusterFlags

	dryRun  string
	adopt   bool
	force   bool
	restart bool
	wait    bool
	verify  bool
	timeout time.Duration
	format  string

	recreate bool // what cannot be changed

	files manifest.Flags
}

func newApplyCmd(streams cli.IOStreams) *cobra.Command {
	o := &applyOptions{streams: streams}
	cmd := &cobra.Command{
		Use:   "apply NAME | -f FILE",
		Short: "Make a certificate and put it into a cluster as a Secret",
		Long: `Create a private key and a certificate, as certgen create does, and apply them to a cluster as a Secret,
with server-side apply. Running the command again writes nothing as long as the certificate in the
cluster matches the flags and is not due for renewal. After an interrupted run, run it again to go on.

The cluster flags are kubectl's. A Secret, or an object of --bundle, that certgen did not make is not
changed without --adopt. Labels, annotations and data that others set are kept. When the certificate
changes, the bundle's pods are replaced; with --restart, so are those of every Deployment, StatefulSet
and DaemonSet in the namespace that uses the Secret. The number of replicas stays unless you set
--replicas. --wait waits until the new pods are ready, or says why they are not. --verify also checks
what the Service serves, as certgen verify service/NAME does, and exits with 1 if it finds an error.

The certificate is self-signed, or signed by a CA: the one in the files --ca-cert and --ca-key, or the
one in the Secret --ca-secret, whose key is used but never copied.

With -f the certificates are those of cert-manager's manifests, as with certgen create -f; issuers and
their Secrets are found in the cluster, too. Many are on their way at a time (--parallel); what fails is
told with its file and line, and the others go on. --restart and --wait do as they do for one; --verify asks
the Services behind which pods mount the Secrets. With NAME and -f the file is a csr.json of cfssl.`,
		Example: `  # The tutorial's Secret, with the nginx that serves it, until it is shown to serve it
  certgen apply nginxsecret --bundle nginx --wait --verify

  # A certificate for the Service web in the namespace shop; its pods get it when it changes
  certgen apply web-tls --service web -n shop --restart

  # Signed by the CA that the namespace pki keeps
  certgen apply web-tls --service web -n shop --ca-secret pki/root-ca

  # All Certificates of a folder; the pods that use what changed are replaced
  certgen apply -f manifests/ --restart --wait

  # Only say what would be done
  certgen apply nginxsecret --dry-run=client`,
		ValidArgs: []string{cli.BuiltInName},
		RunE: func(cmd *cobra.Command, args []string) error {
			if o.files.Given() && len(args) == 0 {
				return o.runFiles(cmd.Context(), cmd.Flags())
			}
			if err := cli.OneName(cmd, args); err != nil {
				return err
			}
			return o.run(cmd.Context(), cmd.Flags(), args[0])
		},
	}
	o.want.AddTo(cmd)
	o.files.AddTo(cmd)
	o.addTo(cmd)
	o.addOutputTo(cmd)
	flags := cmd.Flags()
	flags.BoolVar(&o.restart, "restart", false, "when the certificate changes, replace the pods of all workloads in the namespace that use the Secret")
	flags.BoolVar(&o.wait, "wait", false, "wait until the pods that were replaced are ready")
	flags.BoolVar(&o.verify, "verify", false, "wait, and then verify what the Service of --service or --bundle nginx serves, with -f every Service whose pods mount a Secret")
	flags.DurationVar(&o.timeout, "timeout", 5*time.Minute, "how long --wait waits, and --verify once more")
	return cmd
}

// addOutputTo adds the flags that say what is done and printed.
func (o *applyOptions) addOutputTo(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.StringVar(&o.dryRun, "dry-run", string(cluster.DryRunNone), "none, client (only say what would be done) or server (let the server try it)")
	flags.Lookup("dry-run").NoOptDefVal = string(cluster.DryRunClient)
	cli.CompleteWords(cmd, "dry-run", cluster.DryRuns())
	flags.StringVarP(&o.format, "output", "o", "", "print the objects as yaml, json or name instead of what was done")
	cli.CompleteWords(cmd, "output", applyFormats())
}

func applyFormats() []string {
	return []string{string(render.YAML), string(render.JSON), formatName}
}

// addTo adds the flags that say what is wanted and where, which diff has, too.
func (o *applyOptions) addTo(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.SortFlags = false
	o.want.AddSecretTo(flags)
	o.cluster.AddTo(cmd)
	flags.BoolVar(&o.adopt, "adopt", false, "take over objects that certgen did not make or kubectl changed; what kubectl set and certgen does not is removed")
	flags.BoolVar(&o.force, "force-conflicts", false, "take fields that another manager has set")
	flags.BoolVar(&o.recreate, "recreate", false, "delete and create anew what cannot be changed, such as a Deployment's selector; until the new pods are ready nobody is served")
}

// deployment is what is wanted, ready to be brought about.
type deployment struct {
	target order.Target
	order  provision.Order
	store  *provision.Cluster
}

// validateWords finds what is none of a flag's words.
func (o *applyOptions) validateWords() error {
	if !slices.Contains(cluster.DryRuns(), cluster.DryRun(o.dryRun)) {
		return cli.Usagef("--dry-run %q: must be %s", o.dryRun, list(cli.AsStrings(cluster.DryRuns())))
	}
	if o.format != "" && !slices.Contains(applyFormats(), o.format) {
		return cli.Usagef("--output %q: the formats are %s", o.format, list(applyFormats()))
	}
	return nil
}

// applied is how objects are applied.
func (o *applyOptions) applied(flags *pflag.FlagSet) cluster.ApplyOptions {
	return cluster.ApplyOptions{
		DryRun: cluster.DryRun(o.dryRun), Adopt: o.adopt, Force: o.force, Recreate: o.recreate, KeepReplicas: !flags.Changed("replicas"),
	}
}

// prepare turns the flags into a deployment; the cluster is asked for nothing but the CA.
func (o *applyOptions) prepare(ctx context.Context, flags *pflag.FlagSet, name string) (*deployment, error) {
	request, err := o.files.OneFile(flags)
	if err != nil {
		return nil, err
	}
	if request != "" {
		o.want.ReadFrom(request)
	}
	if err := o.validateWords(); err != nil {
		return nil, err
	}
	if err := o.want.Validate(flags, false); err != nil {
		return nil, err
	}
	config := o.cluster.Config(o.want.Namespace())
	namespace, _, err := config.Namespace()
	if err != nil {
		return nil, cli.BadKubeconfig(err)
	}
	o.want.InNamespace(namespace)
	d := &deployment{}
	if d.target, err = o.want.Resolve(flags, name); err != nil {
		return nil, err
	}
	if o.verify && o.want.ServedBy(d.target) == "" {
		return nil, cli.WithHint(cli.Usagef("--verify needs a Service to ask"), "--service NAME names it, and --bundle nginx makes one")
	}
	server, err := o.cluster.Connect(config, o.streams)
	if err != nil {
		return nil, err
	}
	d.store = &provision.Cluster{Server: server, Restart: o.restart, Options: o.applied(flags)}
	d.order, err = o.want.Order(ctx, o.streams, d.target, func(password encoding.Password) (certs.Issuer, error) {
		return o.want.IssuerIn(ctx, server, d.target.Secret, password)
	})
	return d, err
}

// bringAbout puts the Secret and the bundle into the cluster, restarts what is to be, and says how it came by the
// certificate. The result is that of what was done, also where an error stopped it.
func (o *applyOptions) bringAbout(ctx context.Context, d *deployment) (done provision.Result, err error) {
	options := provision.Options{Slow: o.want.Slow(o.streams, d.target)}
	err = provision.Run(ctx, d.store, []provision.Order{d.order}, options, func(r provision.Result) error {
		done = r
		describe(o.streams, r, d.target, d.store.Options.DryRun != cluster.DryRunNone)
		return nil
	})
	return done, o.want.Blame(err)
}

func (o *applyOptions) run(ctx context.Context, flags *pflag.FlagSet, name string) error {
	d, err := o.prepare(ctx, flags, name)
	if err != nil {
		return err
	}
	done, err := o.bringAbout(ctx, d)
	if err != nil {
		_ = o.print(done.Objects) // the error that stopped the rest is the one to report
		return cli.InterruptedError{Err: cli.Explain(err), Words: "interrupted; run it again to go on"}
	}
	if err := o.print(done.Objects); err != nil {
		return err
	}
	if !o.wait && !o.verify || d.store.Options.DryRun != cluster.DryRunNone {
		return nil
	}
	if err := o.await(ctx, d.store.Server, done.Objects); err != nil || !o.verify {
		return err
	}
	return o.verifyService(ctx, d, done.Pair)
}

// print says on standard output what was done, in kubectl's words, or prints the objects.
func (o *applyOptions) print(done []cluster.Applied) error {
	suffix := map[string]string{"client": " (dry run)", "server": " (server dry run)"}[o.dryRun]
	var out strings.Builder
	var objects []runtime.Object
	for _, applied := range done {
		switch o.format {
		case "":
			fmt.Fprintf(&out, "%s %s%s\n", applied.Ref, applied.Action, suffix)
		case formatName:
			fmt.Fprintln(&out, applied.Ref)
		default:
			applied.Object.SetManagedFields(nil)
			objects = append(objects, applied.Object)
		}
	}
	if len(objects) > 0 {
		data, err := render.Encode(render.Format(o.format), objects...)
		if err != nil {
			return err
		}
		out.Write(data)
	}
	return o.streams.Write([]byte(out.String()))
}
