package cmd

import (
	"context"
	"fmt"
	"strings"

	"certgen/render"
	"certgen/secrets"
)

// parseSecret returns the NAME of secret/NAME, "" where arg is nothing like that. namespace is the one asked
// for, if any.
func parseSecret(arg, namespace string) (string, error) {
	kind, name, ok := strings.Cut(arg, "/")
	if !ok || !isSecretKind(kind) {
		return "", nil
	}
	if strings.Contains(name, "/") {
		return "", withHint(usagef("the SOURCE %q: must be secret/NAME", arg), "-n names the namespace")
	}
	if err := (secrets.Meta{Name: name, Namespace: namespace}).Validate().Err(); err != nil {
		return "", usagef("the SOURCE %q: %w", arg, err)
	}
	return name, nil
}

// isSecretKind reports whether a word stands for Secrets.
func isSecretKind(word string) bool { return word == "secret" || word == "secrets" }

// connection is one to a cluster, with the namespace of what is named without one.
type connection struct {
	cluster   *secrets.Cluster
	namespace string
}

// connect prepares the connection that the flags and the kubeconfig name.
func (f *sourceFlags) connect(streams IOStreams) (c connection, err error) {
	config := f.cluster.config(f.namespace)
	if c.namespace, _, err = config.Namespace(); err != nil {
		return c, badKubeconfig(err)
	}
	c.cluster, err = f.cluster.connect(config, streams)
	return c, err
}

// secret reads a Secret of the cluster, and examines it as one in a manifest.
func (r *sourceReader) secret(ctx context.Context, name string) batch {
	c, err := r.connect()
	if err != nil {
		return unread("secret/"+name, err)
	}
	text, err := c.cluster.Manifest(ctx, c.namespace, name)
	if err != nil {
		return unread("secret/"+name, explain(err))
	}
	found, _, err := render.Document{Text: text}.Secrets()
	if err != nil {
		return unread("secret/"+name, fmt.Errorf("read secret/%s: %w", name, err))
	}
	var b batch
	for i := range found {
		b.items = itemsOf(&found[i], render.Place{Source: secrets.Ref(found[i])})
	}
	if len(b.items) == 0 {
		b.others = 1
	}
	return b
}
