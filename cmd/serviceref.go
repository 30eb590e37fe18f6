package cmd

import (
	"slices"
	"strings"

	"github.com/spf13/cobra"
)

// serviceKinds are the words for a Service that kubectl knows, the one to offer first.
var serviceKinds = []string{"service", "services", "svc"}

// serviceName reads the argument service/NAME.
func serviceName(arg string) (string, error) {
	kind, name, found := strings.Cut(arg, "/")
	switch {
	case !found:
		return "", withHint(usagef("%q names no kind", arg), "try service/%s", arg)
	case !isServiceKind(kind):
		return "", withHint(usagef("%q is not a Service", arg), "name one as service/NAME or svc/NAME; kubectl get services lists them")
	}
	return name, nil
}

// isServiceKind reports whether a word stands for Services.
func isServiceKind(word string) bool { return slices.Contains(serviceKinds, strings.ToLower(word)) }

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
