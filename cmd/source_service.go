package cmd

import (
	"cmp"
	"slices"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"certgen/secrets"
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

// parseService returns the NAME of service/NAME, "" where arg is nothing like that. namespace is the one asked
// for, if any.
func parseService(arg, namespace string) (string, error) {
	name, err := serviceName(arg)
	if err != nil {
		return "", nil
	}
	namespace = cmp.Or(namespace, metav1.NamespaceDefault)
	if err := secrets.ValidateAccess(secrets.AccessOptions{}, namespace, name).Err(); err != nil {
		return "", usagef("the SOURCE %q: %w", arg, err)
	}
	return name, nil
}

// isServiceKind reports whether a word stands for Services.
func isServiceKind(word string) bool { return slices.Contains(serviceKinds, strings.ToLower(word)) }
