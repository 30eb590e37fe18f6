package cmd

import (
	"strings"

	"github.com/spf13/cobra"
)

// complete offers the Services of the namespace.
func (o *accessOptions) complete(cmd *cobra.Command, args []string, typed string) ([]string, cobra.ShellCompDirective) {
	kind, _, found := strings.Cut(typed, "/")
	if !found && strings.HasPrefix(serviceKinds[0], kind) {
		kind = serviceKinds[0]
	}
	if len(args) > 0 || !isServiceKind(kind) {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	return o.cluster.references(cmd.Context(), kindService, o.namespace, kind, typed, nil), cobra.ShellCompDirectiveNoFileComp
}
