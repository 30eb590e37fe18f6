package cmd

import (
	"context"
	"io"
	"slices"
	"strings"
	"time"

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
	case !slices.Contains(serviceKinds, strings.ToLower(kind)):
		return "", withHint(usagef("%q is not a Service", arg), "name one as service/NAME or svc/NAME; kubectl get services lists them")
	}
	return name, nil
}

// completionTimeout bounds how long a shell waits for the names of Services.
const completionTimeout = 2 * time.Second

// complete offers the Services of the namespace; nothing where the cluster does not tell them in time.
func (o *accessOptions) complete(cmd *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
	if len(args) > 0 {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	answer := make(chan []string, 1)
	go func() { answer <- o.services(cmd.Context()) }() // a credential plugin may never come back
	select {
	case names := <-answer:
		return names, cobra.ShellCompDirectiveNoFileComp
	case <-time.After(completionTimeout):
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
}

// services lists the arguments that name a Service; none where that fails.
func (o *accessOptions) services(ctx context.Context) (refs []string) {
	ctx, cancel := context.WithTimeout(ctx, completionTimeout)
	defer cancel()
	config := o.cluster.config(o.namespace)
	namespace, _, err := config.Namespace()
	if err != nil {
		return nil
	}
	cluster, err := o.cluster.connect(config, IOStreams{Err: io.Discard})
	if err != nil {
		return nil
	}
	names, _ := cluster.ServiceNamesIn(ctx, namespace)
	for _, name := range names {
		refs = append(refs, serviceKinds[0]+"/"+name)
	}
	return refs
}
