package testbed

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Kubectl runs kubectl with a kubeconfig file, and fails the test if it fails. It returns its standard output.
func (c *Cluster) Kubectl(t testing.TB, kubeconfig, stdin string, args ...string) string {
	t.Helper()
	printed, err := c.kubectl(t.Context(), KubectlPath(t), kubeconfig, stdin, args...)
	if err != nil {
		t.Fatal(err)
	}
	return printed
}

func (c *Cluster) kubectl(ctx context.Context, path, kubeconfig, stdin string, args ...string) (string, error) {
	cmd := command(ctx, c.host.client, path, args...)
	// What it learns of the API's kinds is kept for the next call, and goes with the cluster.
	cmd.Env = append(os.Environ(), "KUBECONFIG="+kubeconfig, "KUBECACHEDIR="+filepath.Join(c.dir, "kubectl"))
	var stdout, stderr bytes.Buffer
	cmd.Stdin, cmd.Stdout, cmd.Stderr = strings.NewReader(stdin), &stdout, &stderr
	if err := cmd.Run(); err != nil {
		return "", fmt.Errorf("kubectl %s: %w\n%s", strings.Join(args, " "), err, &stderr)
	}
	return stdout.String(), nil
}
