package apiserver

import (
	"bytes"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"certgen/internal/e2e"
	"certgen/internal/testbed"
)

var webBundle = []string{"--bundle", "nginx", "--service", "web"}

// TestClusterReplicas: the number of pods belongs to whoever set it last, and a conflict over it comes
// before the certificate is replaced.
func TestClusterReplicas(t *testing.T) {
	t.Parallel()
	c := testbed.Start(t)
	namespace := c.Namespace(t, nil)
	kubeconfig := c.Kubeconfig(t, namespace)
	apply := func(code int, stderr string, flags ...string) e2e.Result {
		t.Helper()
		r := applied(t, kubeconfig, append(flags, "--bundle", "nginx", "--service", "web")...)
		wants(t, r, code, stderr)
		return r
	}
	pods := func(want int32) {
		t.Helper()
		if d := testbed.Get[appsv1.Deployment](t, c, "/apis/apps/v1/namespaces/"+namespace+"/deployments/web"); *d.Spec.Replicas != want {
			t.Errorf("%d replicas, want %d", *d.Spec.Replicas, want)
		}
	}
	unchanged := func() {
		t.Helper()
		if r := apply(0, "^kept: "); strings.Count(r.Stdout, "unchanged\n") != 4 {
			t.Errorf("printed %q", r.Stdout)
		}
	}
	apply(0, "^issued: ", "--replicas", "2")
	unchanged()
	apply(0, "^re-issued: ", "--reissue")
	pods(2) // certgen alone has the field
	c.Kubectl(t, kubeconfig, "", "scale", "deployment/web", "--replicas=3")
	if r := apply(0, "^re-issued: ", "--reissue"); !strings.Contains(r.Stdout, "deployment.apps/web configured\n") {
		t.Errorf("the pods are not rolled: %q", r.Stdout)
	}
	pods(3)
	unchanged()
	before := pairIn(t, c, namespace, "x")
	r := apply(1, `^error: deployment.apps/web: .*conflict with "kubectl" with subresource "scale".*\nhint: --force-conflicts `, "--reissue", "--replicas", "2")
	if after := pairIn(t, c, namespace, "x"); r.Stdout != "" || !bytes.Equal(before.Data["tls.crt"], after.Data["tls.crt"]) {
		t.Errorf("the certificate is replaced, the pods are not: %q", r.Stdout)
	}
	apply(0, "^kept: ", "--replicas", "2", "--force-conflicts")
	pods(2)
	apply(0, "^kept: ")
	pods(2)
}

// TestClusterRehearsal: what the cluster's quota refuses is refused before the Secret is written.
func TestClusterRehearsal(t *testing.T) {
	t.Parallel()
	c := testbed.Start(t)
	namespace := c.Namespace(t, nil)
	kubeconfig := c.Kubeconfig(t, namespace)
	quota := testbed.Create(t, c, "/api/v1/namespaces/"+namespace+"/resourcequotas", corev1.ResourceQuota{
		ObjectMeta: metav1.ObjectMeta{Name: "small"},
		Spec:       corev1.ResourceQuotaSpec{Hard: corev1.ResourceList{"services": resource.MustParse("0")}},
	})
	// The server takes a quota into account when its status says what is used, which a controller would write.
	setStatus(t, c, kubeconfig, "resourcequota/"+quota.Name, `{"hard": {"services": "0"}, "used": {"services": "0"}}`)
	wants(t, applied(t, kubeconfig, webBundle...), 1, "^error: apply service/web: .*exceeded quota: small")
	if pairIn(t, c, namespace, "x") != nil {
		t.Error("the Secret is there")
	}
}

// TestClusterAdoptOwn takes over what kubectl apply made of certgen's own YAML.
func TestClusterAdoptOwn(t *testing.T) {
	t.Parallel()
	c := testbed.Start(t)
	namespace := c.Namespace(t, nil)
	kubeconfig := c.Kubeconfig(t, namespace)
	c.Kubectl(t, kubeconfig, e2e.Output(t, "", e2e.Certgen(t), append([]string{"create", "x", "--dns", "x.example", "-n", namespace, "--replicas", "2"}, webBundle...)...), "apply", "-f", "-")
	c.Kubectl(t, kubeconfig, "", "label", "secret", "x", "team=payments")
	r := applied(t, kubeconfig, append(webBundle, "--reissue")...)
	wants(t, r, 1, `^error: deployment.apps/web: .*conflict with "kubectl-client-side-apply"`)
	wants(t, r, 1, "^hint: --adopt takes over all that kubectl set")
	for range 2 { // kept, then replaced
		wants(t, applied(t, kubeconfig, append(webBundle, "--adopt")...), 0, "^kept: ")
		wants(t, applied(t, kubeconfig, append(webBundle, "--reissue")...), 0, "^re-issued: ")
	}
	s := pairIn(t, c, namespace, "x")
	if len(s.Annotations) != 1 || s.Annotations["certgen.dev/spec"] == "" || s.Labels["team"] != "payments" {
		t.Errorf("annotations %v, labels %v", s.Annotations, s.Labels)
	}
	d := testbed.Get[appsv1.Deployment](t, c, "/apis/apps/v1/namespaces/"+namespace+"/deployments/web")
	if len(d.Annotations) > 1 || d.Annotations[corev1.LastAppliedConfigAnnotation] != "" || *d.Spec.Replicas != 2 {
		t.Errorf("%d replicas, annotations %v", *d.Spec.Replicas, d.Annotations)
	}
	if r := applied(t, kubeconfig, append(webBundle, "--adopt")...); strings.Count(r.Stdout, "unchanged\n") != 4 {
		t.Errorf("adopted again: %q", r.Stdout)
	}
}

// TestClusterOutput: all objects come as one answer, which kubectl reads.
func TestClusterOutput(t *testing.T) {
	t.Parallel()
	c := testbed.Start(t)
	kubeconfig := c.Kubeconfig(t, c.Namespace(t, nil))
	for _, dry := range []string{"client", "server", "none"} {
		for _, format := range []string{"yaml", "json"} {
			out := e2e.Output(t, "", e2e.Certgen(t), append([]string{"apply", "x", "--dns", "x.example", "--kubeconfig", kubeconfig, "-o", format, "--dry-run=" + dry}, webBundle...)...)
			if format == "yaml" && strings.Count(out, "\n---\n") != 3 || format == "json" && strings.Count(out, `"kind": "List"`) != 1 {
				t.Errorf("%s, dry run %s:\n%s", format, dry, out)
			}
			if dry == "client" && strings.Contains(out, "resourceVersion") {
				t.Errorf("a version that no object has:\n%s", out)
			}
			names := c.Kubectl(t, kubeconfig, out, "apply", "--dry-run=client", "-o", "name", "-f", "-")
			if strings.Join(strings.Fields(names), " ") != "secret/x configmap/web-conf deployment.apps/web service/web" {
				t.Errorf("%s, dry run %s: kubectl reads %q", format, dry, names)
			}
		}
	}
}

// TestClusterCurl: a client that needs ca.crt is not given a Secret without.
func TestClusterCurl(t *testing.T) {
	t.Parallel()
	c := testbed.Start(t)
	namespace := c.Namespace(t, nil)
	root := e2e.NewAuthority(t, "Test Root", "ecdsa", nil)
	dir := e2e.CreatePEM(t, append([]string{"x", "--dns", "x.example"}, e2e.NewAuthority(t, "Test Intermediate", "ecdsa", root).Flags(t)...)...)
	cert := filepath.Join(dir, "tls.crt")
	e2e.Write(t, cert, firstBlock(e2e.Read(t, cert)))
	r := applied(t, c.Kubeconfig(t, namespace), "--bundle", "curl", "--cert", cert, "--key", filepath.Join(dir, "tls.key"))
	wants(t, r, 1, "^error: --bundle curl needs ca.crt, and the root is not known\nhint: put the root into --ca-cert, or name it with --ca$")
	if pairIn(t, c, namespace, "x") != nil {
		t.Error("the Secret is there")
	}
}

// TestClusterInterrupt: what is said of an interrupted run is true.
func TestClusterInterrupt(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("needs signals")
	}
	c := testbed.Start(t)
	for name, test := range map[string]struct {
		flags        []string
		method, path string // of what is not answered
		n            int    // which of these requests
		stderr       string
	}{
		"bundle": {webBundle, "PATCH", "/services/web", 2, "error: interrupted; run it again to go on\n"}, // the first is the rehearsal
		"wait":   {append([]string{"--wait"}, webBundle...), "GET", "/pods", 1, "error: stopped waiting; the rollout goes on\n"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			direct := c.Kubeconfig(t, c.Namespace(t, nil))
			var seen atomic.Int32
			proxy := testbed.NewProxy(t, direct, func(r *http.Request) testbed.Fault {
				if r.Method == test.method && strings.Contains(r.URL.Path, test.path) && int(seen.Add(1)) == test.n {
					return testbed.Stall()
				}
				return nil
			})
			var stderr bytes.Buffer
			cmd := exec.Command(e2e.Certgen(t), append([]string{"apply", "x", "--dns", "x.example", "--kubeconfig", proxy.Kubeconfig}, test.flags...)...)
			cmd.Stderr = &stderr
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			for end := time.Now().Add(20 * time.Second); proxy.Count(test.method, test.path) < test.n && time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
			}
			if err := cmd.Process.Signal(os.Interrupt); err != nil {
				t.Fatal(err)
			}
			if _ = cmd.Wait(); cmd.ProcessState.ExitCode() != 130 || !strings.HasSuffix(stderr.String(), test.stderr) {
				t.Errorf("exit %d\n%s", cmd.ProcessState.ExitCode(), &stderr)
			}
		})
	}
}
