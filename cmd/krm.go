package cmd

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"runtime"
	"slices"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"certgen/cmd/internal/cli"
	"certgen/cmd/internal/krm"
	"certgen/cmd/internal/manifest"
	"certgen/render"
	"certgen/secrets/certmanager"
	"certgen/secrets/provision"
)

func newKRMCmd(streams cli.IOStreams) *cobra.Command {
	o := &createOptions{streams: streams, format: string(render.YAML)}
	cmd := &cobra.Command{
		Use:   "krm",
		Short: "Make certificates as a function of kustomize or kpt",
		Long: `Read a ResourceList from standard input and write one, as a KRM function of kustomize or kpt: every
Certificate of cert-manager in it becomes its Secret, as certgen create -f makes it, issuers are left out,
and all else stays. What happened is in its results, and an error ends with exit code 1.

The functionConfig is a Certificate, a List of Certificates and Issuers (but not in kustomize, which takes
Lists apart), or a ConfigMap, whose data are the flags below without their hyphens. Without out, every run
makes new keys, so every kustomize build does. With out: FOLDER they are kept there, NAMESPACE/NAME.yaml,
and a second build gives the same.`,
		Example: `  # What kustomize build --enable-alpha-plugins --enable-exec does
  certgen krm <resource-list.yaml`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return o.runKRM(cmd.Context(), cmd.Flags()) },
	}
	flags := cmd.Flags()
	flags.SortFlags = false
	flags.StringVar(&o.out, "out", "", "keep the Secrets in this folder")
	o.want.AddSigningTo(flags)
	return cmd
}

// runKRM answers a ResourceList; what is wrong is in the answer, too.
func (o *createOptions) runKRM(ctx context.Context, flags *pflag.FlagSet) error {
	text, err := o.streams.ReadIn(ctx, render.MaxDocument+1)
	var list krm.List
	if err == nil {
		list, err = krm.Read(bytes.NewReader(text))
	}
	answer := krm.NewAnswer(list)
	if err != nil {
		err = fmt.Errorf("standard input: %w", err)
	} else if err = setAll(flags, list.Options); err == nil {
		err = o.answer(ctx, flags, list, answer)
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if err != nil {
		answer.GiveBack()
		if !errors.Is(err, cli.ErrQuiet) { // which is in the answer already
			answer.Fail(err)
		}
	}
	text, failed := answer.Encode()
	if failed == nil {
		failed = o.streams.Write(text)
	}
	if failed != nil {
		return failed
	}
	return err
}

// setAll sets flags that are not on the command line.
func setAll(flags *pflag.FlagSet, options map[string]string) error {
	for _, name := range slices.Sorted(maps.Keys(options)) {
		if flags.Lookup(name) == nil || name == "help" {
			return cli.WithHint(fmt.Errorf("functionConfig: there is no option %q", name), "certgen krm --help shows them")
		}
		if err := flags.Set(name, options[name]); err != nil {
			return fmt.Errorf("functionConfig: %s: %w", name, err)
		}
	}
	return nil
}

func (o *createOptions) answer(ctx context.Context, flags *pflag.FlagSet, list krm.List, answer *krm.Answer) error {
	if err := o.want.Validate(flags, false); err != nil {
		return fmt.Errorf("functionConfig: %v", err) // of the ConfigMap more often than of the command line
	}
	ca, err := authority(ctx, o.streams, &o.want, o.want.Issuer)
	if err != nil {
		return err
	}
	var store provision.Store = provision.Printed{Encode: provision.EncodeManifest(render.YAML)}
	text := func(r *provision.Result) ([]byte, error) { return r.Output, nil }
	if o.out != "" {
		folder := o.secretsFolder()
		store, text = folder, func(r *provision.Result) ([]byte, error) { return os.ReadFile(folder.Stem(r.Order) + "." + o.format) }
	}
	options := certmanager.Options{Parallel: runtime.GOMAXPROCS(0), CA: ca, Checksums: true, ClusterResourceNamespace: certmanager.DefaultResourceNamespace}
	said := manifest.NewReport(o.streams, false)
	sum, err := certmanager.Run(ctx, list.Sources(), store, options, func(d certmanager.Done) error {
		said.Done(d)
		if d.Result == nil {
			return answer.Add(d.Source, d.Text)
		}
		if d.Result.Err != nil {
			answer.Say(d.Source, krm.Error, d.Result.Err.Error())
			return nil
		}
		for _, warning := range d.Result.Warnings {
			answer.Say(d.Source, krm.Warning, fmt.Sprint(warning))
		}
		if d.Result.Action != provision.Kept {
			answer.Say(d.Source, krm.Info, d.Result.Action.Words(false)+": "+d.Result.Detail)
		}
		out, err := text(d.Result)
		if err != nil {
			return err
		}
		return answer.Add(d.Source, out)
	})
	if err != nil {
		return err
	}
	return said.End(sum)
}
