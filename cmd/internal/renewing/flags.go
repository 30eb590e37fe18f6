package renewing

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"certgen/certs/pki"
	"certgen/cmd/internal/cli"
	"certgen/cmd/internal/manifest"
	"certgen/cmd/internal/order"
	"certgen/render"
	"certgen/secrets/cluster"
	"certgen/secrets/renew"
)

// Flags say what is renewed, where, and how.
type Flags struct {
	streams cli.IOStreams
	want    order.Flags // who signs
	files   manifest.Flags
	cluster cli.ClusterFlags

	namespace     string
	allNamespaces bool
	selector      string

	due, all         bool
	expiring, jitter string
	choice           renew.Choice // of these

	dryRun         string
	adopt, force   bool
	wait, verify   bool
	timeout        time.Duration
	maxUnavailable int
	exec           string

	lease       string
	metricsFile string
	events      bool
	shard       string

	// Proven asks whether what uses a new certificate works, for --verify.
	Proven func(*cluster.Cluster, time.Duration) Prover
}

// Prover asks the Services in front of the workloads that use a new certificate for it; the error says what is wrong there.
type Prover = func(context.Context, cluster.SecretName, *pki.KeyPair, []cluster.User) error

// AddTo registers the flags.
func (o *Flags) AddTo(cmd *cobra.Command, streams cli.IOStreams) {
	o.streams = streams
	flags := cmd.Flags()
	flags.SortFlags = false
	flags.StringVarP(&o.namespace, "namespace", "n", "", "the namespace of the Secrets (default the kubeconfig's)")
	flags.BoolVarP(&o.allNamespaces, "all-namespaces", "A", false, "the Secrets of all namespaces")
	flags.StringVarP(&o.selector, "selector", "l", "", "only Secrets with these labels, as kubectl's -l")
	flags.BoolVar(&o.due, "due", true, "renew what is due")
	flags.BoolVar(&o.all, "all", false, "renew everything")
	flags.StringVar(&o.expiring, "expiring", "", "renew what ends within this time: 30d, 72h")
	flags.StringVar(&o.jitter, "jitter", "", "make each certificate due earlier by a part of this time, at most a quarter of the time until it is due: 7d")
	flags.StringVar(&o.dryRun, "dry-run", string(cluster.DryRunNone), "none, client (only say what would be done) or server (let the server try it)")
	flags.Lookup("dry-run").NoOptDefVal = string(cluster.DryRunClient)
	cli.CompleteWords(cmd, "dry-run", cluster.DryRuns())
	flags.BoolVar(&o.adopt, "adopt", false, "take over Secrets that certgen did not make, and what kubectl changed in its own")
	flags.BoolVar(&o.force, "force-conflicts", false, "take fields that another manager has set")
	flags.BoolVar(&o.wait, "wait", false, "wait until the pods that were replaced are ready")
	flags.BoolVar(&o.verify, "verify", false, "wait, verify what the Services serve, and put the old pair back where that is wrong")
	flags.DurationVar(&o.timeout, "timeout", 5*time.Minute, "how long to wait for one workload, and for one Service")
	flags.IntVar(&o.maxUnavailable, "max-unavailable", 0, "how many workloads replace their pods at the same time (default no bound)")
	flags.StringVar(&o.exec, "exec", "", "a command of the shell to run once after files have changed")
	o.want.AddSigningTo(flags)
	o.want.AddSecretTo(flags)
	o.files.AddTo(cmd)
	o.cluster.AddTo(cmd)
	flags.StringVar(&o.lease, "lease", "", "hold this Lease while running, NAMESPACE/NAME, and fail where another run holds it")
	flags.StringVar(&o.metricsFile, "metrics-file", "", "write what was done to this file, as metrics for Prometheus")
	flags.BoolVar(&o.events, "events", true, "record an Event at each Secret that is renewed, or fails to be")
	flags.StringVar(&o.shard, "shard", "", "with -A, only the namespaces of one part of N: I/N, with I from 0")
}

// validate finds flags that do not go together, and reads those that are times.
func (o *Flags) validate(flags *pflag.FlagSet) error {
	if !slices.Contains(cluster.DryRuns(), cluster.DryRun(o.dryRun)) {
		return cli.Usagef("--dry-run %q: must be %s", o.dryRun, strings.Join(cli.AsStrings(cluster.DryRuns()), ", "))
	}
	switch {
	case o.all && o.expiring != "":
		return cli.Usagef("--all and --expiring cannot be used together")
	case !o.due && !o.all && o.expiring == "":
		return cli.WithHint(cli.Usagef("--due=false leaves nothing to renew"), "--all renews everything")
	case o.allNamespaces && flags.Changed("namespace"):
		return cli.Usagef("-A and -n cannot be used together")
	case o.maxUnavailable < 0:
		return cli.Usagef("--max-unavailable %d: must be 0 or more", o.maxUnavailable)
	case o.timeout <= 0:
		return cli.Usagef("--timeout %s: must be more than 0", o.timeout)
	}
	o.choice.All = o.all
	for _, flag := range []struct {
		name, text string
		into       *time.Duration
	}{{"expiring", o.expiring, &o.choice.Expiring}, {"jitter", o.jitter, &o.choice.Jitter}} {
		if flag.text == "" {
			continue
		}
		d, err := pki.ParseDuration(flag.text)
		if err != nil {
			return cli.Usagef("--%s %q: %v", flag.name, flag.text, err)
		}
		if d <= 0 {
			return cli.Usagef("--%s %q: must be more than 0", flag.name, flag.text)
		}
		*flag.into = d
	}
	return o.want.Validate(flags, false)
}

// Run renews what the arguments and flags name.
func (o *Flags) Run(ctx context.Context, flags *pflag.FlagSet, args []string) error {
	if err := o.validate(flags); err != nil {
		return err
	}
	var names, paths []string
	for _, arg := range args {
		if isPath(arg) {
			paths = append(paths, arg)
		} else {
			if name := strings.TrimPrefix(arg, "secret/"); name != arg {
				arg = name
			} else if _, err := os.Lstat(arg); err == nil { // a write is not to guess
				return cli.WithHint(cli.Usagef("%s is in this folder, and may be the NAME of a Secret, too", arg), "write %s for what is here, and secret/%s for the Secret", "."+string(filepath.Separator)+arg, arg)
			}
			names = append(names, arg)
		}
	}
	switch {
	case len(paths) > 0 && (len(names) > 0 || o.allNamespaces || o.files.Given()):
		return cli.WithHint(cli.Usagef("%s is a file, which goes with files alone", paths[0]), "renew files and Secrets of a cluster in two runs")
	case len(names) > 0 && (o.allNamespaces || o.selector != "" || o.files.Given()):
		return cli.Usagef("a NAME goes with neither -A nor -l nor -f")
	case o.exec != "" && len(paths) == 0:
		return cli.Usagef("--exec is for files")
	case len(paths) > 0:
		return o.runPaths(ctx, flags, paths)
	case o.files.Given():
		return o.runFiles(ctx, flags)
	}
	return o.runCluster(ctx, flags, names)
}

// isPath tells a file or folder from the NAME of a Secret.
func isPath(arg string) bool {
	if strings.HasPrefix(arg, "secret/") {
		return false
	}
	return strings.ContainsAny(arg, `/\`) || arg == "." || arg == ".." ||
		render.NamesManifest(arg) || slices.Contains([]string{".crt", ".pem"}, strings.ToLower(filepath.Ext(arg)))
}
