package testbed

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/rest"
)

// PatchAll sends one server-side apply PATCH for each Secret, parallel of them at a time, over one client,
// and returns how long that took. It is what an API server of this machine can do at most: the bodies are
// made before the clock starts, nothing is read, and no answer is looked at beyond its status.
func PatchAll(ctx context.Context, config *rest.Config, secrets []*corev1.Secret, parallel int) (time.Duration, error) {
	client, err := restClient(config)
	if err != nil {
		return 0, err
	}
	bodies := make([][]byte, len(secrets))
	for i, s := range secrets {
		if bodies[i], err = json.Marshal(s); err != nil {
			return 0, err
		}
	}
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(parallel)
	start := time.Now()
	for i, s := range secrets {
		group.Go(func() error {
			return client.Patch(types.ApplyPatchType).AbsPath("/api/v1/namespaces", s.Namespace, "secrets", s.Name).
				Param("fieldManager", "testbed").Body(bodies[i]).Do(ctx).Error()
		})
	}
	err = group.Wait()
	return time.Since(start), err
}

// KubectlApplyAll has `kubectl apply --server-side` send the same Secrets and returns how long it took.
func (c *Cluster) KubectlApplyAll(t testing.TB, kubeconfig string, secrets []*corev1.Secret) time.Duration {
	t.Helper()
	var documents bytes.Buffer
	for _, s := range secrets {
		document, err := json.Marshal(s) // which is YAML too
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(&documents, "---\n%s\n", document)
	}
	file := filepath.Join(t.TempDir(), "secrets.yaml")
	if err := os.WriteFile(file, documents.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	KubectlPath(t) // built before the clock starts
	start := time.Now()
	c.Kubectl(t, kubeconfig, "", "apply", "--server-side", "-f", file)
	return time.Since(start)
}
