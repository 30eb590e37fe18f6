package apiserver

import (
	"strings"
	"testing"
	"time"

	"certgen/internal/e2e"
	"certgen/internal/faulty"
	"certgen/internal/testbed"
)

// TestClaimsOfKubernetes holds what each finding says of kubectl and the API server against these.
func TestClaimsOfKubernetes(t *testing.T) {
	t.Parallel()
	cluster := testbed.Start(t)
	kubectl, kubeconfig := testbed.KubectlPath(t), cluster.Kubeconfig(t, cluster.Namespace(t, nil))
	claims := e2e.Claims()
	m := faulty.NewMaker(t, time.Now())
	for _, manifest := range m.Manifests() {
		t.Run(manifest.ID, func(t *testing.T) {
			claim := claims[manifest.ID]
			r := e2e.Execute(t, manifest.Text, kubectl, "--kubeconfig", kubeconfig, "--cache-dir", t.TempDir(), "create", "--dry-run=server", "-f", "-")
			refused := strings.Contains(claim, "API server") || strings.Contains(claim, "kubectl")
			if refused != (r.Code != 0) {
				t.Errorf("breaks %q, but kubectl create: exit %d\n%s", claim, r.Code, r.Stderr)
			}
		})
	}
}
