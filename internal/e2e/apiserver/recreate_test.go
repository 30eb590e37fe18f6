package apiserver

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"certgen/internal/e2e"
	"certgen/internal/testbed"
)

var recreateWeb = append([]string{"--adopt", "--recreate"}, webBundle...)

// foreignWeb makes the Deployment that stands in the way, with more of it in change.
func foreignWeb(t *testing.T, c *testbed.Cluster, namespace string, change func(*appsv1.Deployment)) *appsv1.Deployment {
	t.Helper()
	labels := map[string]string{"app": "web"}
	deployment := appsv1.Deployment{ObjectMeta: metav1.ObjectMeta{Name: "web"}, Spec: appsv1.DeploymentSpec{
		Selector: &metav1.LabelSelector{MatchLabels: labels},
		Template: corev1.PodTemplateSpec{ObjectMeta: metav1.ObjectMeta{Labels: labels}, Spec: corev1.PodSpec{Containers: []corev1.Container{{Name: "nginx", Image: "nginx"}}}},
	}}
	if change != nil {
		change(&deployment)
	}
	made := testbed.Create(t, c, deploymentsOf(namespace), deployment)
	return &made
}

func deploymentsOf(namespace string) string {
	return "/apis/apps/v1/namespaces/" + namespace + "/deployments"
}

// web reads the Deployment; nil where there is none.
func web(t *testing.T, c *testbed.Cluster, namespace string) *appsv1.Deployment {
	t.Helper()
	for _, d := range testbed.Get[appsv1.DeploymentList](t, c, deploymentsOf(namespace)).Items {
		if d.Name == "web" {
			return &d
		}
	}
	return nil
}

// TestRecreateBroken: where the creation fails after the deletion, another run goes on, without the flag.
func TestRecreateBroken(t *testing.T) {
	t.Parallel()
	c := testbed.Start(t)
	namespace := c.Namespace(t, nil)
	direct := c.Kubeconfig(t, namespace)
	foreignWeb(t, c, namespace, nil)
	proxy := testbed.NewProxy(t, direct, func(r *http.Request) testbed.Fault {
		if r.Method == http.MethodPatch && strings.HasSuffix(r.URL.Path, "/deployments/web") {
			return testbed.Answer(http.StatusServiceUnavailable, 0)
		}
		return nil
	})
	r := applied(t, proxy.Kubeconfig, recreateWeb...)
	wants(t, r, 1, "^error: deployment.apps/web is deleted and not created anew yet; run the same command again to go on: .*Service Unavailable")
	if web(t, c, namespace) != nil {
		t.Fatal("the test is for a Deployment that is gone")
	}
	wants(t, applied(t, direct, webBundle...), 0, "^kept: ")
	settled(t, direct)
}

// TestRecreateRehearsed: nothing is deleted for which the server would not take what is to come.
func TestRecreateRehearsed(t *testing.T) {
	t.Parallel()
	c := testbed.Start(t)
	namespace := c.Namespace(t, testbed.Restricted())
	kubeconfig := c.Kubeconfig(t, namespace)
	before := foreignWeb(t, c, namespace, nil)
	proxy := testbed.NewProxy(t, kubeconfig, func(r *http.Request) testbed.Fault {
		if r.Method == http.MethodPatch && strings.Contains(r.URL.Path, "/deployments/certgen-try-") && r.URL.Query().Get("dryRun") == "All" {
			return testbed.Answer(http.StatusUnprocessableEntity, 0)
		}
		return nil
	})
	wants(t, applied(t, proxy.Kubeconfig, recreateWeb...), 1, "^error: recreate deployment.apps/web: .*Unprocessable Entity")
	if after := web(t, c, namespace); after == nil || after.UID != before.UID || pairIn(t, c, namespace, "x") != nil {
		t.Error("something was written")
	}
}

// TestRecreateOvertaken: what has changed since it was read is looked at again before it is deleted.
func TestRecreateOvertaken(t *testing.T) {
	t.Parallel()
	testbed.KubectlPath(t) // a skip for want of it would end the proxy's goroutine, not the test's
	c := testbed.Start(t)
	namespace := c.Namespace(t, nil)
	kubeconfig := c.Kubeconfig(t, namespace)
	foreignWeb(t, c, namespace, nil)
	proxy := testbed.NewProxy(t, kubeconfig, testbed.First(1, http.MethodDelete, "/deployments/web", testbed.Meanwhile(func() {
		c.Kubectl(t, kubeconfig, "", "label", "deployment", "web", "seen=no")
	})))
	wants(t, applied(t, proxy.Kubeconfig, recreateWeb...), 0, "^issued: ")
	if n := proxy.Count(http.MethodDelete, "/deployments/web"); n != 2 {
		t.Errorf("%d deletions were asked for, want 2: the first is of an object that has changed", n)
	}
	settled(t, kubeconfig)
}

// TestRecreateHeld: an object that finalizers hold is waited for, though not for ever.
func TestRecreateHeld(t *testing.T) {
	t.Parallel()
	c := testbed.Start(t)
	hold := func(d *appsv1.Deployment) { d.Finalizers = []string{"example.com/hold"} }
	release := func(namespace string) {
		err := c.Admin.Patch("application/merge-patch+json").AbsPath(deploymentsOf(namespace) + "/web").
			Body([]byte(`{"metadata": {"finalizers": null}}`)).Do(context.Background()).Error()
		if err != nil {
			t.Error(err)
		}
	}
	t.Run("for a while", func(t *testing.T) {
		t.Parallel()
		namespace := c.Namespace(t, nil)
		before := foreignWeb(t, c, namespace, hold)
		proxy := testbed.NewProxy(t, c.Kubeconfig(t, namespace), testbed.First(1, http.MethodDelete, "/deployments/web", func(w http.ResponseWriter, r *http.Request, server http.Handler) {
			server.ServeHTTP(w, r)
			time.AfterFunc(time.Second, func() { release(namespace) })
		}))
		wants(t, applied(t, proxy.Kubeconfig, recreateWeb...), 0, "^issued: ")
		if after := web(t, c, namespace); after == nil || after.UID == before.UID {
			t.Error("the Deployment is not a new one")
		}
	})
	t.Run("too long", func(t *testing.T) {
		t.Parallel()
		namespace := c.Namespace(t, nil)
		kubeconfig := c.Kubeconfig(t, namespace)
		foreignWeb(t, c, namespace, hold)
		wants(t, applied(t, kubeconfig, recreateWeb...), 1, `^error: deployment.apps/web: is being deleted, and still there after 30s: its finalizers \(example.com/hold\) hold it\n`+
			"hint: see to it that what set the finalizers removes them, and run the same command again$")
		release(namespace)
		wants(t, applied(t, kubeconfig, recreateWeb...), 0, "^kept: ")
		settled(t, kubeconfig)
	})
}

// TestRecreateHeldSecret: a Secret that finalizers hold is waited for once, and no second key is made for it.
func TestRecreateHeldSecret(t *testing.T) {
	t.Parallel()
	c := testbed.Start(t)
	namespace := c.Namespace(t, nil)
	kubeconfig := c.Kubeconfig(t, namespace)
	held := corev1.Secret{ObjectMeta: metav1.ObjectMeta{Name: "x", Finalizers: []string{"example.com/hold"}}, Type: corev1.SecretTypeOpaque}
	testbed.Create(t, c, "/api/v1/namespaces/"+namespace+"/secrets", held)
	proxy := testbed.NewProxy(t, kubeconfig, func(*http.Request) testbed.Fault { return nil })
	r := applied(t, proxy.Kubeconfig, "--dns", "web.example", "--adopt", "--recreate")
	wants(t, r, 1, `^error: secret/x: is being deleted, and still there after 30s: its finalizers \(example.com/hold\) hold it\nhint: `)
	if n := proxy.Count(http.MethodDelete, "/secrets/x"); n != 1 {
		t.Errorf("%d deletions were asked for, want 1", n)
	}
}

// TestRecreateQuota: a quota that is used up by what goes does not stop it.
func TestRecreateQuota(t *testing.T) {
	t.Parallel()
	c := testbed.Start(t)
	namespace := c.Namespace(t, nil)
	kubeconfig := c.Kubeconfig(t, namespace)
	e2e.Output(t, "", testbed.KubectlPath(t), "--kubeconfig", kubeconfig, "create", "service", "clusterip", "web", "--clusterip=None")
	quota := testbed.Create(t, c, "/api/v1/namespaces/"+namespace+"/resourcequotas", corev1.ResourceQuota{
		ObjectMeta: metav1.ObjectMeta{Name: "one"},
		Spec:       corev1.ResourceQuotaSpec{Hard: corev1.ResourceList{"services": resource.MustParse("1")}},
	})
	setStatus(t, c, kubeconfig, "resourcequota/"+quota.Name, `{"hard": {"services": "1"}, "used": {"services": "1"}}`)
	free := testbed.NewProxy(t, kubeconfig, testbed.First(1, http.MethodDelete, "/services/web", func(w http.ResponseWriter, r *http.Request, server http.Handler) {
		server.ServeHTTP(w, r)
		// As the quota controller does, which does not run here.
		setStatus(t, c, kubeconfig, "resourcequota/"+quota.Name, `{"hard": {"services": "1"}, "used": {"services": "0"}}`)
	}))
	r := applied(t, free.Kubeconfig, recreateWeb...)
	wants(t, r, 0, "^issued: ")
	if !strings.Contains(r.Stdout, "service/web recreated\n") {
		t.Errorf("printed %q", r.Stdout)
	}
}
