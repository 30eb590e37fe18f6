package apiserver

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	rbacv1 "k8s.io/api/rbac/v1"

	"certgen/internal/e2e"
	"certgen/internal/faulty"
	"certgen/internal/testbed"
)

// TestSecretAsManifest gives every fault that the API server takes to certgen, as a Secret of the cluster and
// as the manifest that kubectl makes of it: both reports say the same, but for the place.
func TestSecretAsManifest(t *testing.T) {
	t.Parallel()
	cluster := testbed.Start(t)
	kubectl, kubeconfig := testbed.KubectlPath(t), cluster.Kubeconfig(t, cluster.Namespace(t, nil))
	run := func(stdin string, args ...string) e2e.Result {
		return e2e.Execute(t, stdin, kubectl, append(args, "--kubeconfig", kubeconfig, "--cache-dir", t.TempDir())...)
	}
	m := faulty.NewMaker(t, time.Now())
	texts := []string{faulty.Secret(m.Sound()), "apiVersion: v1\nkind: Secret\nmetadata: {name: web-tls}\ndata: {a: Yg==}\n"}
	for _, p := range m.Pairs(e2e.Parse(t, "../../../testdata/tutorial.crt")[0]) {
		texts = append(texts, faulty.Secret(p.PEM))
	}
	for _, manifest := range m.Manifests() {
		if manifest.ID != "manifest-damaged" { // which would spoil the others
			texts = append(texts, manifest.Text)
		}
	}
	for i := range texts {
		texts[i] = strings.Replace(texts[i], "name: web-tls", fmt.Sprintf("name: secret-%02d", i), 1)
	}
	run(strings.Join(texts, "---\n"), "create", "-f", "-") // fails, as it does not take all
	names := strings.Fields(run("", "get", "secrets", "-o", "name").Stdout)
	if len(names) < 20 {
		t.Fatalf("the server took %d of %d", len(names), len(texts))
	}
	manifest := run("", "get", "secrets", "-o", "yaml").Stdout
	for _, command := range []string{"verify", "inspect"} {
		items := func(stdin string, args ...string) (items []string, r e2e.Result) {
			r = e2e.Execute(t, stdin, e2e.Certgen(t), slices.Concat([]string{command, "-o", "json", "--kubeconfig", kubeconfig}, args)...)
			var report struct{ Items []map[string]any }
			if err := json.Unmarshal([]byte(r.Stdout), &report); err != nil {
				t.Fatalf("%v\n%s%s", err, r.Stdout, r.Stderr)
			}
			for _, item := range report.Items {
				delete(item, "source")
				delete(item, "object")
				delete(item, "line") // in a manifest
				text, err := json.Marshal(item)
				if err != nil {
					t.Fatal(err)
				}
				items = append(items, string(text))
			}
			return items, r
		}
		inFile, fileRun := items(manifest, "-")
		inCluster, clusterRun := items("", names...)
		if !slices.Equal(inFile, inCluster) || fileRun.Code != clusterRun.Code || fileRun.Stderr != clusterRun.Stderr {
			t.Errorf("%s: exit %d from the manifest\n%s\n%s\nexit %d from the cluster\n%s\n%s", command, fileRun.Code, strings.Join(inFile, "\n"), fileRun.Stderr,
				clusterRun.Code, strings.Join(inCluster, "\n"), clusterRun.Stderr)
		}
		discreet(t, clusterRun)
	}
}

// TestSecretRefused: what keeps a Secret of the cluster from being read is said as apply says it.
func TestSecretRefused(t *testing.T) {
	t.Parallel()
	c := testbed.Start(t)
	namespace := c.Namespace(t, nil)
	reads := rbacv1.PolicyRule{Verbs: []string{"get"}, APIGroups: []string{""}, Resources: []string{"secrets"}}
	admin := c.Kubeconfig(t, namespace)
	for name, test := range map[string]struct {
		kubeconfig string
		flags      []string
		stderr     string
	}{
		"missing":     {admin, nil, "^error: secret/x: does not exist in namespace " + namespace + "\nhint: kubectl get secrets -n " + namespace + " shows what is there; -n names another namespace$"},
		"elsewhere":   {admin, []string{"-n", "nowhere"}, "^error: secret/x: does not exist in namespace nowhere$"},
		"may not":     {c.UserKubeconfig(t, namespace), nil, `^error: read secret/x: .*cannot get resource "secrets".*` + "\nhint: ask for a Role that allows this verb on this resource"},
		"may":         {c.UserKubeconfig(t, namespace, reads), nil, "^error: secret/x: does not exist"},
		"unreachable": {admin, []string{"--server", "https://127.0.0.1:1"}, "connection refused\nhint: the API server cannot be reached"},
		"no file":     {"missing", nil, "^error: kubeconfig: .*missing"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for command, code := range map[string]int{"inspect": 1, "verify": 2} {
				r := e2e.Execute(t, "", e2e.Certgen(t), slices.Concat([]string{command, "secret/x", "--kubeconfig", test.kubeconfig}, test.flags)...)
				wants(t, r, code, test.stderr)
			}
		})
	}
}
