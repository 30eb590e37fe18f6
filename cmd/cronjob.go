package cmd

import (
	"slices"
	"strings"
	"time"

	"github.com/robfig/cron/v3"
	"github.com/spf13/cobra"

	"certgen/certs/pki"
	"certgen/cmd/internal/cli"
	"certgen/render"
	"certgen/secrets"
	"certgen/secrets/bundle"
	"certgen/secrets/cronjob"
	"certgen/secrets/provision"
)

type cronjobOptions struct {
	streams     cli.IOStreams
	job         cronjob.Options
	authorities cli.ListValue
	format, out string
}

func newCronJobCmd(streams cli.IOStreams) *cobra.Command {
	o := &cronjobOptions{streams: streams}
	cmd := &cobra.Command{
		Use:   "cronjob -n NAMESPACE [-A] --image IMAGE",
		Short: "Print the CronJob that keeps certificates valid, with its rights",
		Long: `Print the objects that have Kubernetes run certgen renew: a CronJob, its ServiceAccount, the least rights that
it needs, and those to a Lease that keeps two runs from working at once. They live in the namespace -n, whose
certificates are renewed, or with -A those of all namespaces. Nothing is applied: kubectl apply does that.

The Pod meets Pod Security's level "restricted". A run that fails is started again by Kubernetes, with growing
pauses, and one that hangs is ended after six hours; what has been renewed by then stays so.

With --shards the namespaces are divided among that many Pods of an Indexed Job, for more than one Pod can do.
A CA in another namespace, named by a certificate's Secret, is read there: --ca-secret gives the right to it.

The image holds nothing but the program. The Dockerfile in certgen's sources builds it; a release builds it
without Docker.`,
		Example: `  # The certificates of all namespaces, every night
  certgen cronjob -A -n ops --image registry.example/certgen:1.0 | kubectl apply -f -

  # Those of one namespace, signed by a CA of another
  certgen cronjob -n shop --ca-secret pki/root-ca --image registry.example/certgen:1.0 --out renew.yaml`,
		Args: noArgs,
		RunE: func(*cobra.Command, []string) error { return o.run() },
	}
	flags := cmd.Flags()
	flags.SortFlags = false
	flags.StringVarP(&o.job.Namespace, "namespace", "n", "", "where the CronJob lives, and without -A what it renews")
	flags.BoolVarP(&o.job.All, "all-namespaces", "A", false, "renew the certificates of all namespaces")
	flags.StringVar(&o.job.Name, "name", "certgen-renew", "the name of the CronJob and of what belongs to it")
	flags.StringVar(&o.job.Image, "image", "", "the image of certgen")
	flags.StringVar(&o.job.Schedule, "schedule", "17 3 * * *", "when it runs: minute, hour, day of month, month, day of week")
	flags.StringVar(&o.job.TimeZone, "time-zone", "", "the time zone of --schedule, such as Europe/Berlin (default the control plane's)")
	flags.IntVar(&o.job.Shards, "shards", 1, "with -A, how many Pods share the namespaces")
	flags.IntVar(&o.job.MaxUnavailable, "max-unavailable", 1, "how many workloads a Pod restarts at the same time; 0 for no bound")
	flags.StringVar(&o.job.Jitter, "jitter", "7d", "make each certificate due earlier by a part of this time")
	flags.Var(&o.authorities, "ca-secret", "without -A, the Secret of a CA in another namespace that signs: NAMESPACE/NAME")
	flags.StringVarP(&o.format, "output", "o", string(render.YAML), "yaml or json")
	cli.CompleteWords(cmd, "output", []render.Format{render.YAML, render.JSON})
	flags.StringVar(&o.out, "out", "", "write this file instead of standard output")
	return cmd
}

// validate checks the flags, and reads those that name CAs. All that is wrong is said at once.
func (o *cronjobOptions) validate() error {
	var problems pki.Problems
	wrong := func(flag, value, reason, hint string) {
		problems = append(problems, pki.Problem{Field: pki.Field(flag), Value: value, Reason: reason, Hint: hint})
	}
	if o.job.Namespace == "" {
		wrong("--namespace", "", "says where the CronJob lives, and is not set", "-n ops")
	} else {
		problems = append(problems, secrets.Label.Judge(secrets.FieldNamespace, o.job.Namespace)...)
	}
	// The names of its Jobs and Pods have 11 and more characters behind it:
	// https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/#writing-a-cronjob-spec
	if len(o.job.Name) > 52 || len(secrets.Label.Judge(secrets.FieldName, o.job.Name)) > 0 {
		wrong("--name", o.job.Name, "must be a DNS label of at most 52 characters", "")
	}
	if o.job.Image == "" {
		wrong("--image", "", "is not set", "make the image with the Dockerfile of certgen's sources, and name it as the cluster pulls it")
	} else {
		problems = append(problems, bundle.ImageProblems(o.job.Image)...)
	}
	if _, err := cron.ParseStandard(o.job.Schedule); err != nil || strings.Contains(o.job.Schedule, "TZ=") {
		wrong("--schedule", o.job.Schedule, "not a schedule of cron", `minute, hour, day of month, month and day of week, as in "17 3 * * *"`)
	}
	if _, err := time.LoadLocation(o.job.TimeZone); err != nil || o.job.TimeZone == "Local" {
		wrong("--time-zone", o.job.TimeZone, "unknown", "an IANA name such as Europe/Berlin")
	}
	switch {
	case o.job.Shards < 1 || o.job.Shards > 100:
		wrong("--shards", "", "must be 1 to 100", "")
	case o.job.Shards > 1 && !o.job.All:
		wrong("--shards", "", "splits namespaces, and is for -A", "")
	}
	if o.job.MaxUnavailable < 0 {
		wrong("--max-unavailable", "", "must be 0 or more", "")
	}
	if d, err := pki.ParseDuration(o.job.Jitter); o.job.Jitter != "" && (err != nil || d <= 0) {
		wrong("--jitter", o.job.Jitter, "not a duration", "such as 7d")
	}
	for _, text := range o.authorities {
		namespace, name, _ := strings.Cut(text, "/")
		if len(secrets.Label.Judge("", namespace))+len(secrets.Subdomain.Judge("", name)) > 0 {
			wrong("--ca-secret", text, "must be NAMESPACE/NAME", "")
			continue
		}
		o.job.Authorities = append(o.job.Authorities, cronjob.Authority{Namespace: namespace, Name: name})
	}
	if !slices.Contains([]string{string(render.YAML), string(render.JSON)}, o.format) {
		wrong("--output", o.format, "must be yaml or json", "")
	}
	return cli.UsageProblems(problems, nil)
}

func (o *cronjobOptions) run() error {
	if err := o.validate(); err != nil {
		return err
	}
	data, err := render.EncodeStructs(render.Format(o.format), o.job.Objects()...)
	if err != nil {
		return err
	}
	if o.out == "" {
		return o.streams.Write(data)
	}
	said, err := provision.WriteObjects("--out", o.out, data, cronjob.Kinds())
	if err != nil {
		return err
	}
	o.streams.Printf("%s", said)
	return nil
}
