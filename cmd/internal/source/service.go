package source

import (
	"cmp"
	"slices"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"certgen/cmd/internal/cli"
	"certgen/secrets/service"
)

// ServiceKinds are the words for a Service that kubectl knows, the one to offer first.
var ServiceKinds = []string{"service", "services", "svc"}

// ServiceName reads the argument service/NAME.
func ServiceName(arg string) (string, error) {
	kind, name, found := strings.Cut(arg, "/")
	switch {
	case !found:
		return "", cli.WithHint(cli.Usagef("%q names no kind", arg), "try service/%s", arg)
	case !IsServiceKind(kind):
		return "", cli.WithHint(cli.Usagef("%q is not a Service", arg), "name one as service/NAME or svc/NAME; kubectl get services lists them")
	}
	return name, nil
}

// parseService returns the NAME of service/NAME, "" where arg is nothing like that. namespace is the one asked
// for, if any.
func parseService(arg, namespace string) (string, error) {
	name, err := ServiceName(arg)
	if err != nil {
		return "", nil
	}
	namespace = cmp.Or(namespace, metav1.NamespaceDefault)
	if err := service.ValidateAccess(service.AccessOptions{}, namespace, name).Err(); err != nil {
		return "", cli.Usagef("the SOURCE %q: %w", arg, err)
	}
	return name, nil
}

// IsServiceKind reports whether a word stands for Services.
func IsServiceKind(word string) bool { return slices.Contains(ServiceKinds, strings.ToLower(word)) }
