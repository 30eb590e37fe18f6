package testbed

import (
	"context"
	"errors"
	"os"
	"strings"
	"testing"
	"time"

	admissionv1 "k8s.io/api/admissionregistration/v1"
	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/rest"
)

// need is three times what was measured on two cores at a load of 7: 39 s, of 33 s of CPU time.
const need = 2 * time.Minute

func TestMain(m *testing.M) { os.Exit(M{M: m, Need: need}.Run()) }

// client returns a client that a kubeconfig file describes.
func client(t testing.TB, kubeconfig string) *rest.RESTClient {
	t.Helper()
	c, err := restClient(Config(t, kubeconfig))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// pod returns a pod, which nothing will run.
func pod(privileged bool) corev1.Pod {
	return corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{GenerateName: "pod-"},
		Spec: corev1.PodSpec{Containers: []corev1.Container{{
			Name: "x", Image: "x", SecurityContext: &corev1.SecurityContext{Privileged: &privileged},
		}}},
	}
}

func TestServersEnd(t *testing.T) {
	Start(t) // or skips
	began := time.Now()
	c, err := start(map[string]string{"etcd": etcd().Path(t), "kube-apiserver": kubernetes("kube-apiserver").Path(t)})
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("started in %v", time.Since(began))
	began = time.Now()
	c.stop()
	t.Logf("ended in %v", time.Since(began))
	for _, p := range c.processes {
		if err := p.cmd.Process.Signal(os.Interrupt); !errors.Is(err, os.ErrProcessDone) {
			t.Errorf("%s is still there: %v", p.cmd.Path, err)
		}
	}
	if _, err := os.Stat(c.dir); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("%s is still there: %v", c.dir, err)
	}
}

func TestServerThatCannotStart(t *testing.T) {
	t.Parallel()
	Long(t, "starts etcd")
	_, err := start(map[string]string{"etcd": etcd().Path(t), "kube-apiserver": etcd().Path(t)}) // etcd knows none of the flags
	if !errors.Is(err, errEnded) || !strings.Contains(err.Error(), "flag") {
		t.Errorf("error %v, want the end of the log", err)
	}
}

func TestVersion(t *testing.T) {
	t.Parallel()
	c := Start(t)
	got := Get[struct{ GitVersion string }](t, c, "/version").GitVersion
	dir, err := testdata("servers")
	if err != nil {
		t.Fatal(err)
	}
	want, err := kubernetes("kube-apiserver").version(dir)
	if err != nil {
		t.Fatal(err)
	}
	if got != want {
		t.Errorf("the server is %s, want %s", got, want)
	}
	printed := c.Kubectl(t, c.Kubeconfig(t, "default"), "", "version")
	for _, line := range []string{"Client Version: " + want, "Server Version: " + want} {
		if !strings.Contains(printed, line) {
			t.Errorf("no %q in\n%s", line, printed)
		}
	}
}

func TestNamespaces(t *testing.T) {
	t.Parallel()
	c := Start(t)
	plain, restricted := c.Namespace(t, nil), c.Namespace(t, Restricted())
	if plain == restricted {
		t.Fatalf("%q twice", plain)
	}
	if got := c.Kubectl(t, c.Kubeconfig(t, plain), "", "config", "view", "--minify", "-o", "jsonpath={..namespace}"); got != plain {
		t.Errorf("the kubeconfig's namespace is %q, want %q", got, plain)
	}
	Create(t, c, "/api/v1/namespaces/"+plain+"/pods", pod(true))
	err := c.Admin.Post().AbsPath("/api/v1/namespaces", restricted, "pods").Body(body(t, pod(true))).Do(t.Context()).Error()
	if !apierrors.IsForbidden(err) || !strings.Contains(err.Error(), `violates PodSecurity "restricted`) {
		t.Errorf("a privileged pod: %v", err)
	}
}

func TestUsersMayDoWhatTheirRulesSay(t *testing.T) {
	t.Parallel()
	c := Start(t)
	ns, other := c.Namespace(t, nil), c.Namespace(t, nil)
	read := rbacv1.PolicyRule{Verbs: []string{"get", "list"}, APIGroups: []string{""}, Resources: []string{"secrets"}}
	user := client(t, c.UserKubeconfig(t, ns, read))
	if err := user.Get().AbsPath("/api/v1/namespaces", ns, "secrets").Do(t.Context()).Error(); err != nil {
		t.Errorf("list Secrets: %v", err)
	}
	for _, path := range []string{"/api/v1/namespaces/" + other + "/secrets", "/api/v1/namespaces/" + ns + "/configmaps", "/api/v1/namespaces"} {
		if err := user.Get().AbsPath(path).Do(t.Context()).Error(); !apierrors.IsForbidden(err) {
			t.Errorf("list %s: %v, want it forbidden", path, err)
		}
	}
	nobody := client(t, c.UserKubeconfig(t, ns))
	if err := nobody.Get().AbsPath("/api/v1/namespaces", ns, "secrets").Do(t.Context()).Error(); !apierrors.IsForbidden(err) {
		t.Errorf("without rules: %v, want it forbidden", err)
	}
}

func TestSecretPolicy(t *testing.T) {
	t.Parallel()
	c := Start(t)
	ns, other := c.Namespace(t, nil), c.Namespace(t, nil)
	warned, refused := corev1.Secret{ObjectMeta: metav1.ObjectMeta{Name: "warned"}}, corev1.Secret{ObjectMeta: metav1.ObjectMeta{Name: "refused"}}
	create := func(ns string, s corev1.Secret) rest.Result {
		return c.Admin.Post().AbsPath("/api/v1/namespaces", ns, "secrets").Body(body(t, s)).Do(t.Context())
	}

	t.Run("Warn", func(t *testing.T) {
		c.SecretPolicy(t, ns, admissionv1.Warn, "not so good")
		result := create(ns, warned)
		if err := result.Error(); err != nil {
			t.Error(err)
		}
		if w := result.Warnings(); len(w) != 1 || !strings.Contains(w[0].Text, "not so good") {
			t.Errorf("warnings %v", w)
		}
	})
	t.Run("Deny", func(t *testing.T) {
		c.SecretPolicy(t, ns, admissionv1.Deny, "none of these")
		if err := create(ns, refused).Error(); err == nil || !strings.Contains(err.Error(), "none of these") {
			t.Errorf("error %v", err)
		}
		if err := create(other, refused).Error(); err != nil {
			t.Errorf("in another namespace: %v", err)
		}
	})
	eventually(t, "no policy after its test", func() bool { return create(ns, refused).Error() == nil })
}

func TestRequests(t *testing.T) {
	t.Parallel()
	c := Start(t)
	ns := c.Namespace(t, nil)
	kubeconfig := c.Kubeconfig(t, ns)
	for _, args := range []string{
		"get secrets",
		"create secret generic x --from-literal=password=cleartext",
		"create secret generic y --dry-run=server",
		"create secret generic z --dry-run=client",
		"get secret x",
	} {
		c.Kubectl(t, kubeconfig, "", strings.Fields(args)...)
	}
	want := []struct {
		verb, name string
		write      bool
	}{{"list", "", false}, {"create", "x", true}, {"create", "y", true}, {"get", "x", false}}
	requests := c.Requests(t, ns)
	if len(requests) != len(want) {
		t.Fatalf("%+v, want %+v", requests, want)
	}
	for i, r := range requests {
		if w := want[i]; r.Verb != w.verb || r.Name != w.name && r.Verb != "create" || r.Write() != w.write || r.Resource != "secrets" || r.User != "admin" || !strings.HasPrefix(r.Agent, "kubectl/") {
			t.Errorf("%+v, want %+v", r, w)
		}
	}
	user := client(t, c.UserKubeconfig(t, ns))
	user.Delete().AbsPath("/api/v1/namespaces", ns, "secrets", "x").Do(t.Context())
	requests = c.Requests(t, ns)
	if last := requests[len(requests)-1]; last.Verb != "delete" || !strings.HasPrefix(last.User, "user-") {
		t.Errorf("the last request is %+v, want the one that was refused", last)
	}
}

// TestRequestsAreLoggedWhenAnswered would catch an audit log that lags behind.
func TestRequestsAreLoggedWhenAnswered(t *testing.T) {
	t.Parallel()
	c := Start(t)
	ns := c.Namespace(t, nil)
	admin := client(t, c.Kubeconfig(t, ns))
	for i := range 50 {
		if err := admin.Get().AbsPath("/api/v1/namespaces", ns, "secrets").Do(context.Background()).Error(); err != nil {
			t.Fatal(err)
		}
		if n := len(c.Requests(t, ns)); n != i+1 {
			t.Fatalf("%d requests after %d", n, i+1)
		}
	}
}
