package cmd

import (
	"strings"

	"github.com/spf13/cobra"

	"certgen/cmd/internal/cli"
	"certgen/cmd/internal/source"
)

// complete offers the Services of the namespace.
func (o *accessOptions) complete(cmd *cobra.Command, args []string, typed string) ([]string, cobra.ShellCompDirective) {
	kind, _, found := strings.Cut(typed, "/")
	if !found && strings.HasPrefix(source.ServiceKinds[0], kind) {
		kind = source.ServiceKinds[0]
	}
	if len(args) > 0 || !source.IsServiceKind(kind) {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	return o.cluster.References(cmd.Context(), cli.KindService, o.namespace, kind, typed, nil), cobra.ShellCompDirectiveNoFileComp
}
