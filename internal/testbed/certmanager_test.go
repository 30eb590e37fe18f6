package testbed

import (
	"slices"
	"strings"
	"testing"
)

// TestCertManagerProgram: the real cert-manager judges and reckons without a cluster.
func TestCertManagerProgram(t *testing.T) {
	t.Parallel()
	type verdict struct{ Errors []string }
	certificate := func(spec map[string]any) map[string]any {
		return map[string]any{"apiVersion": "cert-manager.io/v1", "kind": "Certificate", "metadata": map[string]any{"name": "a"}, "spec": spec}
	}
	issuer := map[string]any{"name": "ca"}
	verdicts := AskCertManager[map[string]any, verdict](t, "validate", []map[string]any{
		certificate(map[string]any{"secretName": "a", "issuerRef": issuer, "commonName": "a"}),
		certificate(map[string]any{"secretName": "a", "issuerRef": issuer}),
		certificate(map[string]any{"secretName": "a", "issuerRef": issuer, "commonName": "a", "usage": "server auth"}),
		{"apiVersion": "cert-manager.io/v1", "kind": "ClusterIssuer", "metadata": map[string]any{"name": "ca"}, "spec": map[string]any{"selfSigned": map[string]any{}}},
		{"apiVersion": "cert-manager.io/v1", "kind": "Issuer", "metadata": map[string]any{"name": "ca"}, "spec": map[string]any{}},
	})
	for i, want := range []string{"", "at least one of commonName", `unknown field "spec.usage"`, "", "at least one issuer must be configured"} {
		if got := strings.Join(verdicts[i].Errors, "\n"); (want == "") != (got == "") || !strings.Contains(got, want) {
			t.Errorf("object %d: %q, want %q", i, got, want)
		}
	}
	type moment struct{ Time, Error string }
	lives := []map[string]any{
		{"notBefore": "2026-01-01T00:00:00Z", "notAfter": "2026-01-04T00:00:00Z"},
		{"notBefore": "2026-01-01T00:00:00Z", "notAfter": "2026-01-04T00:00:00Z", "renewBefore": "1h"},
		{"notBefore": "2026-01-01T00:00:00Z", "notAfter": "2026-01-04T00:00:00Z", "renewal": map[string]any{"policy": "Disabled"}},
	}
	if got, want := AskCertManager[map[string]any, moment](t, "renewal", lives), []moment{
		{Time: "2026-01-03T00:00:00Z"}, {Time: "2026-01-03T23:00:00Z"}, {},
	}; !slices.Equal(got, want) {
		t.Errorf("renewed at %v, want %v", got, want)
	}
}
