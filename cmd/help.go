package cmd

import (
	"github.com/spf13/cobra"

	"certgen/cmd/internal/cli"
)

// newHelpCmd is cobra's command of this name, but fails where there is nothing to help with.
func newHelpCmd() *cobra.Command {
	return &cobra.Command{
		Use:     "help [COMMAND]",
		Short:   "Show the help of a command",
		Example: "  certgen help create",
		ValidArgsFunction: func(cmd *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
			var names []string
			for _, command := range cmd.Root().Commands() {
				if len(args) == 0 && command.IsAvailableCommand() {
					names = append(names, cobra.CompletionWithDesc(command.Name(), command.Short))
				}
			}
			return names, cobra.ShellCompDirectiveNoFileComp
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			about, rest, err := cmd.Root().Find(args)
			switch {
			case err != nil:
				return cli.UsageError{Err: err}
			case about == cmd.Root():
				err = noSuchCommand(about, rest)
			default:
				err = noArgs(about, rest)
			}
			if err != nil {
				return err
			}
			about.InitDefaultHelpFlag()
			return about.Help()
		},
	}
}
