package secrets

import "certgen/certs/lint"

// The rules for a Secret as it is written in a manifest, in the order in which they are reported. What
// each says of Kubernetes is shown to be true by the tests.
var (
	RuleManifest = lint.Rule{ID: "manifest-damaged", Severity: lint.Error, Unusable: true,
		Breaks: "kubectl, which refuses the whole file; of a key that stands twice it takes the last value without a word, and kustomize refuses it", Mend: "mend the manifest at the line named"}
	RulePlaceholder = lint.Rule{ID: "placeholder", Severity: lint.Error, Unusable: true,
		Breaks: "the API server, which refuses what is not base64, or else every server", Mend: "put the real value there: certgen create NAME makes the whole Secret"}
	RuleBase64Damaged = lint.Rule{ID: "base64-damaged", Severity: lint.Error, Unusable: true,
		Breaks: "the API server, which refuses the Secret: illegal base64 data", Mend: "encode it on one line (base64 -w0), or write the PEM text under stringData"}
	RuleDoubleEncoded = lint.Rule{ID: "double-encoded", Severity: lint.Error, Unusable: true,
		Breaks: "every server: none finds PEM in it; the API server does not look", Mend: "encode PEM once under data, and not at all under stringData"}
	RuleSecretKeys = lint.Rule{ID: "secret-keys", Severity: lint.Error,
		Breaks: "the API server, which wants tls.crt and tls.key in a Secret of type kubernetes.io/tls, and Ingress and Gateway controllers, which look for these names in any", Mend: "name the certificate tls.crt and the key tls.key, and change what mounts them"}
	RuleSecretType = lint.Rule{ID: "secret-type", Severity: lint.Warning,
		Breaks: "controllers that take kubernetes.io/tls alone; the API server takes an Opaque one, and does not check that both halves are there", Mend: "delete the Secret and make it anew with type kubernetes.io/tls: a type cannot be changed"}
	RuleLastAppliedKey = lint.Rule{ID: "last-applied-key", Severity: lint.Warning,
		Breaks: "nobody, but whoever sees the Secret's metadata has the private key; it stays there when something else than kubectl apply renews it", Mend: "remove the annotation kubectl.kubernetes.io/last-applied-configuration and use kubectl apply --server-side"}
)

// Rules returns the rules for a Secret, in the order in which they are reported.
func Rules() []lint.Rule {
	return []lint.Rule{
		RuleManifest, RulePlaceholder, RuleBase64Damaged, RuleDoubleEncoded, RuleSecretKeys, RuleSecretType, RuleLastAppliedKey,
	}
}
