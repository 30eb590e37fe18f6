package source

import (
	"context"
	"fmt"
	"strings"

	"certgen/cmd/internal/cli"
	"certgen/render"
	"certgen/render/report"
	"certgen/secrets"
	"certgen/secrets/cluster"
)

// parseSecret returns the NAME of secret/NAME, "" where arg is nothing like that. namespace is the one asked
// for, if any.
func parseSecret(arg, namespace string) (string, error) {
	kind, name, ok := strings.Cut(arg, "/")
	if !ok || !isSecretKind(kind) {
		return "", nil
	}
	if strings.Contains(name, "/") {
		return "", cli.WithHint(cli.Usagef("the SOURCE %q: must be secret/NAME", arg), "-n names the namespace")
	}
	if err := (secrets.Meta{Name: name, Namespace: namespace}).Validate().Err(); err != nil {
		return "", cli.Usagef("the SOURCE %q: %w", arg, err)
	}
	return name, nil
}

// isSecretKind reports whether a word stands for Secrets.
func isSecretKind(word string) bool { return word == "secret" || word == "secrets" }

// connection is one to a cluster, with the namespace of what is named without one.
type connection struct {
	Cluster   *cluster.Cluster
	Namespace string
}

// connect prepares the connection that the flags and the kubeconfig name.
func (f *SourceFlags) connect(streams cli.IOStreams) (c connection, err error) {
	c.Cluster, c.Namespace, err = f.cluster.Open(f.namespace, streams)
	return c, err
}

// Namespace is that of what is named without one; "" where the kubeconfig cannot be read.
func (f *SourceFlags) Namespace() string {
	namespace, _, _ := f.cluster.Config(f.namespace).Namespace()
	return namespace
}

// secret reads a Secret of the cluster, and reads it as one in a manifest.
func (r *SourceReader) secret(ctx context.Context, name string) Batch {
	c, err := r.Connect()
	if err != nil {
		return Unread("secret/"+name, err)
	}
	text, err := c.Cluster.Manifest(ctx, c.Namespace, name)
	if err != nil {
		return Unread("secret/"+name, cli.ExplainIn(ctx, c.Cluster, err))
	}
	found, _, err := render.Document{Text: text}.Secrets()
	if err != nil {
		return Unread("secret/"+name, fmt.Errorf("read secret/%s: %w", name, err))
	}
	var b Batch
	for i := range found {
		b.Items = itemsOf(&found[i], report.Place{Source: secrets.Ref(found[i])})
	}
	if len(b.Items) == 0 {
		b.Others = 1
	}
	return b
}
