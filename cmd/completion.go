package cmd

import (
	"strings"

	"github.com/spf13/cobra"

	"certgen/cmd/internal/cli"
)

func newCompletionCmd() *cobra.Command {
	shells := []string{"bash", "zsh", "fish", "powershell"}
	return &cobra.Command{
		Use:   "completion SHELL",
		Short: "Print the completion script for bash, zsh, fish or powershell",
		Long: `Print a script that completes certgen's commands and flags in a shell, what flags take, and the names of
Secrets, Services and namespaces, as far as the cluster tells them within 2 seconds. Load it into the
running shell as below, or from the shell's start-up file. kubectl completes "kubectl certgen" itself,
where a link kubectl_complete-certgen to the program is on the PATH.`,
		Example: `  source <(certgen completion bash)
  source <(certgen completion zsh)
  certgen completion fish | source
  certgen completion powershell | Out-String | Invoke-Expression`,
		ValidArgs: shells,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return cli.Usagef("name one shell: %s", strings.Join(shells, ", "))
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error { return runCompletion(cmd.Root(), args[0], shells) },
	}
}

func runCompletion(root *cobra.Command, shell string, shells []string) error {
	out := root.OutOrStdout()
	switch shell {
	case "bash":
		return root.GenBashCompletionV2(out, true)
	case "zsh":
		return root.GenZshCompletion(out)
	case "fish":
		return root.GenFishCompletion(out, true)
	case "powershell":
		return root.GenPowerShellCompletionWithDesc(out)
	}
	return cli.Usagef("unknown shell %q: the shells are %s", shell, strings.Join(shells, ", "))
}
