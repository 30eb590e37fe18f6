package secrets

import (
	"slices"
	"strings"
	"testing"

	"certgen/certs/pki"
)

func TestServiceNames(t *testing.T) {
	t.Parallel()
	got := ServiceNames("my-nginx", "default", ClusterDomain)
	want := []string{
		"my-nginx", "my-nginx.default", "my-nginx.default.svc", "my-nginx.default.svc.cluster.local",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestValidateService(t *testing.T) {
	t.Parallel()
	const name, domain = FieldService, FieldClusterDomain
	tests := map[string]struct {
		service, domain string
		fields          []pki.Field
	}{
		"tutorial":         {TutorialService, ClusterDomain, nil},
		"longest":          {strings.Repeat("a", 63), "k8s.example", nil},
		"no name":          {"", ClusterDomain, []pki.Field{name}},
		"digit first":      {"1web", ClusterDomain, []pki.Field{name}},
		"capital":          {"Web", ClusterDomain, []pki.Field{name}},
		"dot":              {"web.default", ClusterDomain, []pki.Field{name}},
		"too long":         {strings.Repeat("a", 64), ClusterDomain, []pki.Field{name}},
		"no domain":        {"web", "", []pki.Field{domain}},
		"trailing dot":     {"web", "cluster.local.", []pki.Field{domain}},
		"port":             {"web", "cluster.local:53", []pki.Field{domain}},
		"both, name first": {"a_b", "c_d", []pki.Field{name, domain}},
	}
	for testName, test := range tests {
		t.Run(testName, func(t *testing.T) {
			t.Parallel()
			var fields []pki.Field
			for _, p := range ValidateService(test.service, test.domain) {
				fields = append(fields, p.Field)
			}
			if !slices.Equal(fields, test.fields) {
				t.Errorf("problems with %q, want %q", fields, test.fields)
			}
		})
	}
}
