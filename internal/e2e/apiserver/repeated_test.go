package apiserver

import (
	"path/filepath"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"

	"certgen/internal/e2e"
	"certgen/internal/testbed"
)

// TestRepeatedKeys shows what kubectl and the API server make of a manifest with a key that stands twice in it, as
// the finding manifest-damaged says: they take the last value, without a word, and kustomize refuses it.
func TestRepeatedKeys(t *testing.T) {
	t.Parallel()
	c := testbed.Start(t)
	for name, text := range map[string]string{
		"x.yaml":      "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: x\ndata:\n  a: first\n  a: last\n",
		"joined.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: y\ndata:\n  a: first\napiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: x\ndata:\n  a: last\n",
		"x.json":      `{"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "x"}, "data": {"a": "first", "a": "last"}}`,
		"joined.json": `{"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "y"}, "data": {"a": "first"}, "metadata": {"name": "x"}, "data": {"a": "last"}}`,
	} {
		file := filepath.Join(t.TempDir(), name)
		e2e.Write(t, file, []byte(text))
		for _, command := range []string{"create", "apply", "apply --server-side"} {
			t.Run(name+" "+command, func(t *testing.T) {
				t.Parallel()
				namespace := c.Namespace(t, nil)
				r := e2e.Execute(t, "", testbed.KubectlPath(t), append(strings.Fields(command), "--kubeconfig", c.Kubeconfig(t, namespace), "-f", file)...)
				if r.Code != 0 || r.Stderr != "" {
					t.Fatalf("exit %d\n%s%s", r.Code, r.Stdout, r.Stderr)
				}
				made := testbed.Get[corev1.ConfigMap](t, c, "/api/v1/namespaces/"+namespace+"/configmaps/x")
				if len(made.Data) != 1 || made.Data["a"] != "last" {
					t.Errorf("it holds %v", made.Data)
				}
			})
		}
		t.Run(name+" kustomize", func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			e2e.Write(t, filepath.Join(dir, name), []byte(text))
			e2e.Write(t, filepath.Join(dir, "kustomization.yaml"), []byte("resources:\n- "+name+"\n"))
			r := e2e.Execute(t, "", testbed.KubectlPath(t), "kustomize", dir)
			if r.Code == 0 || !strings.Contains(r.Stderr, "already") {
				t.Errorf("exit %d\n%s%s", r.Code, r.Stdout, r.Stderr)
			}
		})
	}
}
