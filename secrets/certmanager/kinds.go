package certmanager

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"certgen/certs/pki"
	"certgen/render"
)

// kinds are those of cert-manager's group: https://cert-manager.io/docs/reference/api-docs/#cert-manager.io/v1
func kinds() []string {
	return []string{KindCertificate, "CertificateRequest", KindIssuer, KindClusterIssuer}
}

// checkKind finds what is no object of Kubernetes, or of a kind that cert-manager does not have.
func checkKind(o render.Object) error {
	const hint = "-f reads manifests of Kubernetes, in YAML or JSON"
	group, version, _ := strings.Cut(o.APIVersion, "/")
	switch {
	case o.Empty():
		return nil
	case o.APIVersion == "" && o.Kind == "":
		return pki.WithHint(errors.New("not an object of Kubernetes: no apiVersion and no kind"), hint)
	case o.APIVersion == "" && slices.Contains(kinds(), o.Kind):
		return pki.WithHint(errors.New("apiVersion is not set"), "write apiVersion: %s", APIVersion)
	case o.APIVersion == "":
		return pki.WithHint(errors.New("apiVersion is not set"), hint)
	case o.Kind == "":
		return pki.WithHint(errors.New("kind is not set"), hint)
	case group == Group && o.APIVersion != APIVersion:
		return pki.WithHint(fmt.Errorf("apiVersion %s/%s is no longer served", group, version), "write %s", APIVersion)
	case group == Group && !slices.Contains(kinds(), strings.TrimSuffix(o.Kind, "List")):
		err := fmt.Errorf("%s has no kind %q", APIVersion, render.Printable(o.Kind))
		if near := render.Nearest(o.Kind, kinds()); near != "" {
			return pki.WithHint(err, "did you mean %q?", near)
		}
		return pki.WithHint(err, "its kinds are %s", strings.Join(kinds(), ", "))
	}
	return nil
}
