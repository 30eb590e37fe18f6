package cmd

import (
	"context"

	"github.com/spf13/cobra"

	"certgen/cmd/internal/cli"
	"certgen/cmd/internal/explain"
)

// IOStreams are the standard streams of a run.
type IOStreams = cli.IOStreams

// Main runs certgen with the arguments that follow the program's name and returns its exit code: 0 done,
// 1 failed, 2 wrong usage, 130 interrupted. Cancelling ctx ends the run and leaves nothing half-made.
func Main(ctx context.Context, args []string, streams IOStreams) int {
	root := newRootCmd(streams)
	root.SetArgs(args)
	ran, err := root.ExecuteContextC(ctx)
	return streams.Report(ctx, err, ran.CommandPath())
}

func newRootCmd(streams cli.IOStreams) *cobra.Command {
	var version bool
	root := &cobra.Command{
		Use:   "certgen",
		Short: "Make TLS certificates and put them where Kubernetes needs them",
		Long: `certgen makes a TLS certificate and puts it where Kubernetes needs it, without make, openssl,
base64 or a running cluster.

Standard output carries the result and nothing else, so it can be piped; messages go to standard
error. certgen exits with 0 when done, 1 when it failed, 2 when the command line is wrong, and 130
when it was interrupted. diff and verify exit with 1 when they found something, 2 when they failed.`,
		Example: `  # The certificate of the tutorial "Connecting Applications with Services", as a Secret
  certgen create nginxsecret

  # A certificate for a Service of your own, kept in a file
  certgen create web-tls --service web -n shop --out web-tls.yaml`,
		Args: noSuchCommand,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if version {
				return runVersion(streams, "")
			}
			return cmd.Help()
		},
		SilenceErrors:     true,
		SilenceUsage:      true,
		CompletionOptions: cobra.CompletionOptions{DisableDefaultCmd: true},
	}
	root.SuggestionsMinimumDistance = cli.Misspelt
	root.Flags().BoolVar(&version, "version", false, "print what certgen version prints")
	root.SetIn(streams.In)
	root.SetOut(streams.Out)
	root.SetErr(streams.Err)
	root.SetFlagErrorFunc(cli.FlagError)
	root.SetHelpCommand(newHelpCmd())
	root.AddCommand(
		newCreateCmd(streams), newApplyCmd(streams), newDiffCmd(streams), newCACmd(streams), newSignCmd(streams),
		newInspectCmd(streams), newVerifyCmd(streams), explain.New(streams), newListCmd(streams), newRenewCmd(streams),
		newCronJobCmd(streams), newAccessCmd(streams), newKRMCmd(streams), newCompletionCmd(), newVersionCmd(streams))
	if streams.Plugin != nil {
		speakAsPlugin(root, streams.Plugin)
	}
	return root
}

// noSuchCommand takes no argument: one that reaches the root names no command.
func noSuchCommand(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	err := cli.Usagef("unknown command %q", args[0])
	if near := cmd.SuggestionsFor(args[0]); len(near) > 0 {
		return cli.WithHint(err, "did you mean %q?", near[0])
	}
	return err
}

// noArgs is cobra.NoArgs with a [cli.UsageError].
func noArgs(_ *cobra.Command, args []string) error {
	if len(args) > 0 {
		return cli.Usagef("unexpected argument %q", args[0])
	}
	return nil
}
