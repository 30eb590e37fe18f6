package explain

import (
	"fmt"
	"slices"

	"github.com/spf13/cobra"

	"certgen/certs/lint"
	"certgen/cmd/internal/cli"
	"certgen/render/report"
	"certgen/secrets/service"
)

// New makes the command.
func New(streams cli.IOStreams) *cobra.Command {
	return &cobra.Command{
		Use:   "explain [ID]",
		Short: "Say what a finding of verify means",
		Long: `Say what a finding of certgen verify means: whom it breaks, what to do about it, and which standard says so.
Without an ID, all of them are listed.`,
		Example: `  # What verify found, and what it means
  certgen explain chain-order`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) > 1 {
				return cli.Usagef("unexpected argument %q", args[1])
			}
			return nil
		},
		RunE: func(_ *cobra.Command, args []string) error { return run(streams, args) },
		ValidArgsFunction: func(_ *cobra.Command, args []string, _ string) (ids []string, _ cobra.ShellCompDirective) {
			if len(args) == 0 {
				for _, rule := range service.AllRules() {
					ids = append(ids, rule.ID)
				}
			}
			return ids, cobra.ShellCompDirectiveNoFileComp
		},
	}
}

func run(streams cli.IOStreams, args []string) error {
	rules := service.AllRules()
	text := ""
	if len(args) == 0 {
		for _, rule := range rules {
			text += fmt.Sprintf("%-7s  %s\n", rule.Severity, rule.ID)
		}
	} else {
		i := slices.IndexFunc(rules, func(r lint.Rule) bool { return r.ID == args[0] })
		if i < 0 {
			return cli.WithHint(cli.Usagef("%q: there is no such finding", args[0]), "certgen explain lists all of them")
		}
		text = fmt.Sprintf("%s: %s\n\n%s", rules[i].Severity, rules[i].ID, report.Explanation(rules[i]))
	}
	if _, err := fmt.Fprint(streams.Out, text); err != nil {
		return cli.OutputError(err)
	}
	return nil
}
