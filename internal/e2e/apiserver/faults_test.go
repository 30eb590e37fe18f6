package apiserver

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	admissionv1 "k8s.io/api/admissionregistration/v1"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"certgen/internal/e2e"
	"certgen/internal/testbed"
)

// applied runs `certgen apply x --dns x.example` with more flags, and sees to it that nothing secret is
// printed.
func applied(t testing.TB, kubeconfig string, flags ...string) e2e.Result {
	t.Helper()
	return discreet(t, e2e.Execute(t, "", e2e.Certgen(t), append([]string{"apply", "x", "--dns", "x.example", "--kubeconfig", kubeconfig}, flags...)...))
}

// settled fails the test where another run would change something of the bundle that uses secret/x.
func settled(t *testing.T, kubeconfig string) {
	t.Helper()
	if r := applied(t, kubeconfig, "--bundle", "nginx", "--service", "web"); strings.Count(r.Stdout, "unchanged\n") != 4 {
		t.Errorf("something was left to do:\n%s%s", r.Stdout, r.Stderr)
	}
}

// discreet fails the test where a private key, in PEM or base64, or the token of these tests was printed.
func discreet(t testing.TB, r e2e.Result) e2e.Result {
	t.Helper()
	if secret := regexp.MustCompile(`PRIVATE KEY|LS0tLS1CRUdJTiBQUklW|` + token).FindString(r.Stdout + r.Stderr); secret != "" {
		t.Errorf("%q was printed:\n%s%s", secret, r.Stdout, r.Stderr)
	}
	return r
}

// token is what the tests authenticate with where the server is to refuse it.
const token = "t0ken-of-the-tests"

// wants checks how certgen ended and what it said on standard error, as a regular expression.
func wants(t testing.TB, r e2e.Result, code int, stderr string) {
	t.Helper()
	if r.Code != code || !regexp.MustCompile("(?m)"+stderr).MatchString(r.Stderr) {
		t.Errorf("exit %d, want %d and %q\n%s%s", r.Code, code, stderr, r.Stdout, r.Stderr)
	}
}

// pairIn reads a Secret, whose key must match its certificate; nil where there is none.
func pairIn(t testing.TB, c *testbed.Cluster, namespace, name string) *corev1.Secret {
	t.Helper()
	var list corev1.SecretList
	list = testbed.Get[corev1.SecretList](t, c, "/api/v1/namespaces/"+namespace+"/secrets")
	for i := range list.Items {
		if s := &list.Items[i]; s.Name == name {
			if _, err := tls.X509KeyPair(s.Data["tls.crt"], s.Data["tls.key"]); err != nil {
				t.Errorf("secret/%s: %v", name, err)
			}
			return s
		}
	}
	return nil
}

// TestPassingFaults: what is over after a moment is not noticed, and what was done is said truly.
func TestPassingFaults(t *testing.T) {
	t.Parallel()
	c := testbed.Start(t)
	for name, test := range map[string]struct {
		method string
		times  int
		fault  testbed.Fault
		least  time.Duration // that it takes
	}{
		"429 that says when":     {"PATCH", 1, testbed.Answer(http.StatusTooManyRequests, 2*time.Second), 2 * time.Second},
		"429":                    {"PATCH", 2, testbed.Answer(http.StatusTooManyRequests, 0), 0},
		"500":                    {"PATCH", 2, testbed.Answer(http.StatusInternalServerError, 0), 0},
		"502 of a load balancer": {"PATCH", 1, testbed.Answer(http.StatusBadGateway, 0), 0},
		"503":                    {"PATCH", 2, testbed.Answer(http.StatusServiceUnavailable, 0), 0},
		"504":                    {"PATCH", 1, testbed.Answer(http.StatusGatewayTimeout, 0), 0},
		"503 while reading":      {"GET", 2, testbed.Answer(http.StatusServiceUnavailable, 0), 0},
		"reset while reading":    {"GET", 1, testbed.Reset(), 0},
		"reset before":           {"PATCH", 1, testbed.Reset(), 0},
		"reset after":            {"PATCH", 1, testbed.After(testbed.Reset()), 0},
		"500 after":              {"PATCH", 1, testbed.After(testbed.Answer(http.StatusInternalServerError, 0)), 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			namespace := c.Namespace(t, nil)
			proxy := testbed.NewProxy(t, c.Kubeconfig(t, namespace), testbed.First(test.times, test.method, "/secrets/x", test.fault))
			start := time.Now()
			r := applied(t, proxy.Kubeconfig, "--request-timeout", "10s")
			wants(t, r, 0, "^issued: a new key and certificate$")
			if r.Stdout != "secret/x created\n" || pairIn(t, c, namespace, "x") == nil {
				t.Errorf("printed %q", r.Stdout)
			}
			if took := time.Since(start); took < test.least {
				t.Errorf("took %v, less than the server asked for", took)
			}
			if n := proxy.Count(test.method, "/secrets/x"); n < 1+test.times {
				t.Errorf("sent %d times: %q", n, proxy.Seen())
			}
		})
	}
}

// TestLastingFaults: what is not over after some tries is said, with what to do, and nothing is written.
func TestLastingFaults(t *testing.T) {
	t.Parallel()
	c := testbed.Start(t)
	const overloaded = "^hint: the API server is overloaded or restarting; run the command again, it goes on where it stopped$"
	for name, test := range map[string]struct {
		method string
		fault  testbed.Fault
		stderr string
		tries  int
	}{
		"429":                     {"PATCH", testbed.Answer(http.StatusTooManyRequests, 0), overloaded, 6},
		"429 that takes too long": {"PATCH", testbed.Answer(http.StatusTooManyRequests, time.Minute), overloaded, 1},
		"500":                     {"GET", testbed.Answer(http.StatusInternalServerError, 0), overloaded, 6},
		"502":                     {"GET", testbed.Answer(http.StatusBadGateway, 0), overloaded, 6},
		"503":                     {"PATCH", testbed.Answer(http.StatusServiceUnavailable, 0), overloaded, 6},
		"reset":                   {"PATCH", testbed.Reset(), "^error: apply secret/x: https://[0-9.:]+: .*\nhint: the API server cannot be reached", 6},
		"stalled read":            {"GET", testbed.Stall(), "^error: read secret/x: https://[0-9.:]+ does not answer within 1s\nhint: --request-timeout sets how long to wait; run the command again", 1},
		"stalled write":           {"PATCH", testbed.Stall(), "^error: apply secret/x: https://[0-9.:]+ does not answer within 1s\nhint: --request-timeout ", 1},
		"401":                     {"GET", testbed.Answer(http.StatusUnauthorized, 0), "^hint: the token or certificate in the kubeconfig is not accepted or has expired: log in again$", 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			namespace := c.Namespace(t, nil)
			proxy := testbed.NewProxy(t, c.Kubeconfig(t, namespace), testbed.First(-1, test.method, "/secrets/x", test.fault))
			start := time.Now()
			r := applied(t, proxy.Kubeconfig, "--request-timeout", "1s")
			wants(t, r, 1, test.stderr)
			if took := time.Since(start); took > 20*time.Second {
				t.Errorf("took %v", took)
			}
			if n := proxy.Count(test.method, "/secrets/x"); n != test.tries {
				t.Errorf("sent %d times, want %d", n, test.tries)
			}
			if r.Stdout != "" || pairIn(t, c, namespace, "x") != nil {
				t.Errorf("printed %q", r.Stdout)
			}
			// A comparison keeps 1 for what it found.
			if name == "503" {
				r := e2e.Execute(t, "", e2e.Certgen(t), "diff", "x", "--dns", "x.example", "--kubeconfig", proxy.Kubeconfig)
				wants(t, discreet(t, r), 2, overloaded)
			}
		})
	}
}

// TestStalledAfter: the server has acted when the answer is lost, and the next run finds that.
func TestStalledAfter(t *testing.T) {
	t.Parallel()
	c := testbed.Start(t)
	namespace := c.Namespace(t, nil)
	proxy := testbed.NewProxy(t, c.Kubeconfig(t, namespace), testbed.First(1, "PATCH", "/secrets/x", testbed.After(testbed.Stall())))
	wants(t, applied(t, proxy.Kubeconfig, "--request-timeout", "1s"), 1, "does not answer within 1s")
	before := pairIn(t, c, namespace, "x")
	wants(t, applied(t, proxy.Kubeconfig), 0, "^kept: ")
	if after := pairIn(t, c, namespace, "x"); before == nil || before.ResourceVersion != after.ResourceVersion {
		t.Errorf("%v\n%v", before, after)
	}
}

// TestRights: a denial names the verb and the resource, and comes before anything is written.
func TestRights(t *testing.T) {
	t.Parallel()
	c := testbed.Start(t)
	const hint = "\nhint: ask for a Role that allows this verb on this resource"
	rule := func(group, resource string, verbs ...string) rbacv1.PolicyRule {
		return rbacv1.PolicyRule{Verbs: verbs, APIGroups: []string{group}, Resources: []string{resource}}
	}
	workloads := []rbacv1.PolicyRule{rule("apps", "deployments", "list"), rule("apps", "statefulsets", "list"), rule("apps", "daemonsets", "list")}
	for name, test := range map[string]struct {
		rules  []rbacv1.PolicyRule
		flags  []string
		code   int
		stderr string
	}{
		"nothing":    {nil, nil, 1, `cannot get resource "secrets" in API group "".*; nor may you patch secrets/x, create secrets/x` + hint},
		"get":        {[]rbacv1.PolicyRule{rule("", "secrets", "get")}, nil, 1, `cannot patch resource "secrets"` + ".*" + hint},
		"get, patch": {[]rbacv1.PolicyRule{rule("", "secrets", "get", "patch")}, nil, 1, `cannot create resource "secrets".*` + hint},
		"enough":     {[]rbacv1.PolicyRule{rule("", "secrets", "get", "patch", "create")}, nil, 0, "^issued: "},
		"no list":    {[]rbacv1.PolicyRule{rule("", "secrets", "get", "patch", "create")}, []string{"--restart"}, 1, `^error: list the Deployments to restart: .*cannot list resource "deployments" in API group "apps".*; nor may you patch deployments.apps, list statefulsets.apps, patch statefulsets.apps, list daemonsets.apps, patch daemonsets.apps` + hint},
		"list":       {append(workloads, rule("", "secrets", "get", "patch", "create")), []string{"--restart"}, 0, "^issued: "},
		"no bundle": {[]rbacv1.PolicyRule{rule("", "secrets", "get", "patch", "create")}, []string{"--bundle", "nginx", "--service", "web"}, 1, `cannot get resource "configmaps".*; nor may you patch configmaps/web-conf, create configmaps/web-conf, ` +
			`get deployments.apps/web, patch deployments.apps/web, create deployments.apps/web, get services/web, patch services/web, create services/web` + hint},
		"no writing":      {[]rbacv1.PolicyRule{rule("", "secrets", "get", "patch", "create"), rule("", "configmaps", "get"), rule("apps", "deployments", "get"), rule("", "services", "get", "patch", "create")}, []string{"--bundle", "nginx", "--service", "web"}, 1, `cannot patch resource "configmaps".*; nor may you create configmaps/web-conf, patch deployments.apps/web, create deployments.apps/web` + hint},
		"as another":      {nil, []string{"--as", "jane"}, 1, `cannot impersonate.*` + hint},
		"no CA":           {[]rbacv1.PolicyRule{rule("", "secrets", "patch", "create")}, []string{"--ca-secret", "ca"}, 1, `^error: --ca-secret ca: read secret/ca: .*cannot get resource "secrets".*` + hint},
		"CA of elsewhere": {[]rbacv1.PolicyRule{rule("", "secrets", "get", "patch", "create")}, []string{"--ca-secret", "default/ca"}, 1, `cannot get resource "secrets" in API group "" in the namespace "default".*` + hint},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			namespace := c.Namespace(t, nil)
			r := applied(t, c.UserKubeconfig(t, namespace, test.rules...), test.flags...)
			wants(t, r, test.code, test.stderr)
			if (pairIn(t, c, namespace, "x") != nil) != (test.code == 0) {
				t.Errorf("the Secret is there: %v", test.code != 0)
			}
		})
	}
}

// TestAdmissionRejects: the cluster's own rules refuse the Secret, in their own words.
func TestAdmissionRejects(t *testing.T) {
	t.Parallel()
	c := testbed.Start(t)
	t.Run("policy", func(t *testing.T) {
		t.Parallel()
		namespace := c.Namespace(t, nil)
		c.SecretPolicy(t, namespace, admissionv1.Deny, "none on Fridays")
		for range 2 { // the second time it is a dry run
			r := applied(t, c.Kubeconfig(t, namespace))
			wants(t, r, 1, "^error: apply secret/x: .*none on Fridays\nhint: it is not certgen that refuses this, but a rule of the cluster")
		}
		r := e2e.Execute(t, "", e2e.Certgen(t), "diff", "x", "--dns", "x.example", "--kubeconfig", c.Kubeconfig(t, namespace))
		wants(t, discreet(t, r), 2, "none on Fridays")
	})
	t.Run("warning", func(t *testing.T) {
		t.Parallel()
		namespace := c.Namespace(t, nil)
		c.SecretPolicy(t, namespace, admissionv1.Warn, "rather not on Fridays")
		r := applied(t, c.Kubeconfig(t, namespace))
		wants(t, r, 0, "^Warning: .*rather not on Fridays$")
	})
	for name, test := range map[string]struct {
		answer http.HandlerFunc
		stderr string
	}{
		"webhook that rejects": {reject("no names in .example"), "^error: apply secret/x: admission webhook \"names.example.com\" denied the request: no names in .example\nhint: it is not certgen that refuses this"},
		"webhook that fails":   {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusTeapot) }, "failed calling webhook \"names.example.com\".*\nhint: an admission webhook of the cluster does not work"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			namespace := c.Namespace(t, nil)
			webhook(t, c, namespace, test.answer)
			wants(t, applied(t, c.Kubeconfig(t, namespace)), 1, test.stderr)
			if pairIn(t, c, namespace, "x") != nil {
				t.Error("the Secret is there")
			}
		})
	}
}

// reject is the answer of an admission webhook that allows nothing.
func reject(message string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		var review map[string]any
		if json.NewDecoder(r.Body).Decode(&review) != nil {
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		request := review["request"].(map[string]any)
		review["response"] = map[string]any{"uid": request["uid"], "allowed": false, "status": map[string]any{"message": message, "code": 403}}
		json.NewEncoder(w).Encode(review)
	}
}

// webhook has the server ask about every Secret in a namespace.
func webhook(t *testing.T, c *testbed.Cluster, namespace string, answer http.HandlerFunc) {
	t.Helper()
	server := httptest.NewUnstartedServer(answer)
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.StartTLS()
	t.Cleanup(server.Close)
	const path = "/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations"
	none, address := admissionv1.SideEffectClassNone, server.URL
	hook := testbed.Create(t, c, path, admissionv1.ValidatingWebhookConfiguration{
		ObjectMeta: metav1.ObjectMeta{GenerateName: "testbed-"},
		Webhooks: []admissionv1.ValidatingWebhook{{
			Name:                    "names.example.com",
			AdmissionReviewVersions: []string{"v1"},
			SideEffects:             &none,
			NamespaceSelector:       &metav1.LabelSelector{MatchLabels: map[string]string{corev1.LabelMetadataName: namespace}},
			Rules: []admissionv1.RuleWithOperations{{
				Operations: []admissionv1.OperationType{admissionv1.Create, admissionv1.Update},
				Rule:       admissionv1.Rule{APIGroups: []string{""}, APIVersions: []string{"v1"}, Resources: []string{"secrets"}},
			}},
			ClientConfig: admissionv1.WebhookClientConfig{
				URL:      &address,
				CABundle: pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw}),
			},
		}},
	})
	t.Cleanup(func() {
		if err := c.Admin.Delete().AbsPath(path + "/" + hook.Name).Do(context.Background()).Error(); err != nil {
			t.Error(err)
		}
	})
	// The server learns of it by watching, which takes it milliseconds.
	probe := corev1.Secret{ObjectMeta: metav1.ObjectMeta{Name: "probe"}}
	for end := time.Now().Add(20 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		body, err := json.Marshal(probe)
		if err != nil {
			t.Fatal(err)
		}
		err = c.Admin.Post().AbsPath("/api/v1/namespaces/"+namespace+"/secrets").Param("dryRun", "All").Body(body).MaxRetries(0).Do(t.Context()).Error()
		if err != nil && strings.Contains(err.Error(), "webhook") {
			return
		}
		if time.Now().After(end) {
			t.Fatalf("the webhook is not asked: %v", err)
		}
	}
}

// TestNoLostUpdate changes the Secret between certgen's read and its write, in the ways that matter.
func TestNoLostUpdate(t *testing.T) {
	t.Parallel()
	c := testbed.Start(t)
	testbed.KubectlPath(t) // a skip for want of it would end the proxy's goroutine, not the test's
	t.Run("a label", func(t *testing.T) {
		t.Parallel()
		namespace := c.Namespace(t, nil)
		direct := c.Kubeconfig(t, namespace)
		wants(t, applied(t, direct), 0, "^issued: ")
		proxy := testbed.NewProxy(t, direct, testbed.First(1, "PATCH", "/secrets/x", testbed.Meanwhile(func() {
			c.Kubectl(t, direct, "", "label", "secret", "x", "team=payments")
		})))
		wants(t, applied(t, proxy.Kubeconfig, "--reissue"), 0, "^re-issued: ")
		if s := pairIn(t, c, namespace, "x"); s.Labels["team"] != "payments" {
			t.Errorf("labels %v", s.Labels)
		}
		if n := proxy.Count("PATCH", "/secrets/x"); n != 2 {
			t.Errorf("%d writes, want one refused and one done", n)
		}
	})
	t.Run("the certificate", func(t *testing.T) {
		t.Parallel()
		namespace := c.Namespace(t, nil)
		direct := c.Kubeconfig(t, namespace)
		var other *corev1.Secret
		proxy := testbed.NewProxy(t, direct, testbed.First(1, "PATCH", "/secrets/x", testbed.Meanwhile(func() {
			applied(t, direct)
			other = pairIn(t, c, namespace, "x")
		})))
		r := applied(t, proxy.Kubeconfig)
		wants(t, r, 0, "^kept: ")
		if s := pairIn(t, c, namespace, "x"); r.Stdout != "secret/x unchanged\n" || !bytes.Equal(s.Data["tls.key"], other.Data["tls.key"]) {
			t.Errorf("printed %q", r.Stdout)
		}
	})
	t.Run("somebody else's", func(t *testing.T) {
		t.Parallel()
		namespace := c.Namespace(t, nil)
		direct := c.Kubeconfig(t, namespace)
		proxy := testbed.NewProxy(t, direct, testbed.First(1, "PATCH", "/secrets/x", testbed.Meanwhile(func() {
			c.Kubectl(t, direct, "", "create", "secret", "generic", "x", "--from-literal=a=b")
		})))
		wants(t, applied(t, proxy.Kubeconfig), 1, "^error: secret/x: was not made by certgen ")
	})
	t.Run("without end", func(t *testing.T) {
		t.Parallel()
		namespace := c.Namespace(t, nil)
		direct := c.Kubeconfig(t, namespace)
		wants(t, applied(t, direct), 0, "^issued: ")
		n := 0
		proxy := testbed.NewProxy(t, direct, testbed.First(-1, "PATCH", "/secrets/x", testbed.Meanwhile(func() {
			n++
			c.Kubectl(t, direct, "", "label", "--overwrite", "secret", "x", "n="+strings.Repeat("x", n))
		})))
		wants(t, applied(t, proxy.Kubeconfig, "--reissue"), 1, "^error: apply secret/x: .*the object has been modified.*\nhint: another program keeps changing it")
	})
}

// TestAdoptThroughReset loses the answer to the first step of taking over what kubectl made.
func TestAdoptThroughReset(t *testing.T) {
	t.Parallel()
	c := testbed.Start(t)
	for _, lost := range []struct {
		kind string
		n    int // which of the writes
	}{{"secrets", 1}, {"secrets", 2}, {"secrets", 3}, {"deployments", 1}, {"deployments", 2}, {"deployments", 3}} {
		t.Run(fmt.Sprint(lost.kind, lost.n), func(t *testing.T) {
			t.Parallel()
			namespace := c.Namespace(t, nil)
			kubeconfig := c.Kubeconfig(t, namespace)
			c.Kubectl(t, kubeconfig, strings.ReplaceAll(deploymentUsing("web", "x"), `"app"`, `"run"`), "apply", "-f", "-")
			c.Kubectl(t, kubeconfig, `{"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "x"}, "type": "kubernetes.io/tls", "data": {"tls.crt": "ZGg=", "tls.key": "ZGg=", "other": "ZGg="}}`, "apply", "-f", "-")
			proxy := testbed.NewProxy(t, kubeconfig, nth(lost.n, "/"+lost.kind+"/", testbed.After(testbed.Reset())))
			wants(t, applied(t, proxy.Kubeconfig, "--bundle", "nginx", "--service", "web", "--adopt"), 0, "^re-issued: ")
			s := pairIn(t, c, namespace, "x")
			if string(s.Data["other"]) != "dh" || len(s.Annotations) != 1 || s.Annotations["certgen.dev/spec"] == "" {
				t.Errorf("what is not certgen's is %q, %v", s.Data["other"], s.Annotations)
			}
			settled(t, kubeconfig)
		})
	}
}

// TestAdoptGuards: what follows a take-over is for the object as it was taken over; if another writer comes in
// between, certgen reads again.
func TestAdoptGuards(t *testing.T) {
	t.Parallel()
	c := testbed.Start(t)
	namespace := c.Namespace(t, nil)
	kubeconfig := c.Kubeconfig(t, namespace)
	c.Kubectl(t, kubeconfig, strings.ReplaceAll(deploymentUsing("web", "x"), `"app"`, `"run"`), "apply", "-f", "-")
	var writes atomic.Int32
	change := nth(3, "/deployments/", testbed.Meanwhile(func() { // tried, taken over, applied
		label := c.Admin.Patch(types.MergePatchType).AbsPath("/apis/apps/v1/namespaces", namespace, "deployments/web").Body([]byte(`{"metadata": {"labels": {"team": "payments"}}}`))
		if err := label.Do(t.Context()).Error(); err != nil {
			t.Error(err)
		}
	}))
	proxy := testbed.NewProxy(t, kubeconfig, func(r *http.Request) testbed.Fault {
		if r.Method == "PATCH" && strings.HasSuffix(r.URL.Path, "/deployments/web") {
			writes.Add(1)
		}
		return change(r)
	})
	wants(t, applied(t, proxy.Kubeconfig, "--bundle", "nginx", "--service", "web", "--adopt"), 0, "^issued: ")
	if n := writes.Load(); n != 4 {
		t.Errorf("%d writes to the Deployment, want 4, of which the third is refused", n)
	}
	d := testbed.Get[appsv1.Deployment](t, c, "/apis/apps/v1/namespaces/"+namespace+"/deployments/web")
	if pods := d.Spec.Template.Spec.Containers; d.Labels["team"] != "payments" || len(pods) != 1 || pods[0].Name != "nginx" {
		t.Errorf("the Deployment has the labels %v and the containers %v", d.Labels, pods)
	}
}

// TestRestartThroughReset loses the answer to the write that ends a restart.
func TestRestartThroughReset(t *testing.T) {
	t.Parallel()
	c := testbed.Start(t)
	namespace := c.Namespace(t, nil)
	kubeconfig := c.Kubeconfig(t, namespace)
	proxy := testbed.NewProxy(t, kubeconfig, nth(2, "/secrets/x", testbed.After(testbed.Reset())))
	wants(t, applied(t, proxy.Kubeconfig, "--restart"), 0, "^issued: ")
	if s, n := pairIn(t, c, namespace, "x"), proxy.Count("PATCH", "/secrets/x"); n != 3 || len(s.Annotations) != 1 || s.Annotations["certgen.dev/spec"] == "" {
		t.Errorf("%d writes, annotations %v", n, s.Annotations)
	}
}

// nth has a fault happen to the nth PATCH that has a text in its path.
func nth(n int, text string, fault testbed.Fault) testbed.Plan {
	var seen atomic.Int32
	return func(r *http.Request) testbed.Fault {
		if r.Method == "PATCH" && strings.Contains(r.URL.Path, text) && int(seen.Add(1)) == n {
			return fault
		}
		return nil
	}
}

// TestManyAtOnce has processes apply the same, Secret and bundle: one wins, and all end with its certificate.
func TestManyAtOnce(t *testing.T) {
	t.Parallel()
	c := testbed.Start(t)
	for name, before := range map[string][]string{"new": nil, "due": {"--dns", "y.example"}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			namespace := c.Namespace(t, nil)
			kubeconfig := c.Kubeconfig(t, namespace)
			if before != nil {
				wants(t, applied(t, kubeconfig, append(before, "--bundle", "nginx", "--service", "web")...), 0, "^issued: ")
			}
			results := make([]e2e.Result, 4)
			var running sync.WaitGroup
			for i := range results {
				running.Go(func() { results[i] = applied(t, kubeconfig, "--bundle", "nginx", "--service", "web") })
			}
			running.Wait()
			winners := 0
			for _, r := range results {
				if r.Code != 0 {
					t.Errorf("exit %d\n%s%s", r.Code, r.Stdout, r.Stderr)
				}
				if !strings.HasPrefix(r.Stdout, "secret/x unchanged\n") {
					winners++
				}
			}
			if winners != 1 || pairIn(t, c, namespace, "x") == nil {
				t.Errorf("%d wrote the Secret, want 1: %v", winners, results)
			}
			settled(t, kubeconfig)
		})
	}
}

// TestUnauthorized: a token that the server does not know, none, and one of its own that has expired. No
// token is printed.
func TestUnauthorized(t *testing.T) {
	t.Parallel()
	c := testbed.Start(t)
	namespace := c.Namespace(t, nil)
	kubeconfig := withoutUser(t, c.Kubeconfig(t, namespace))
	const hint = "\nhint: the token or certificate in the kubeconfig is not accepted or has expired: log in again$"
	wants(t, applied(t, kubeconfig, "--token", token), 1, "^error: read secret/x: .*Unauthorized"+hint)
	wants(t, applied(t, kubeconfig), 1, `system:anonymous" cannot get resource "secrets"`)
	wants(t, applied(t, kubeconfig, "--token", c.Token(t, namespace, time.Now().Add(time.Hour))), 1, `:default" cannot get resource "secrets"`)
	expired := c.Token(t, namespace, time.Now().Add(-time.Minute))
	r := applied(t, kubeconfig, "--token", expired)
	wants(t, r, 1, "^error: read secret/x: .*Unauthorized"+hint)
	if strings.Contains(r.Stdout+r.Stderr, expired) {
		t.Errorf("the token was printed:\n%s%s", r.Stdout, r.Stderr)
	}
}

// TestKilledApply kills certgen at moments all over a run that re-issues and rolls a bundle. The next run completes it.
func TestKilledApply(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("needs signals")
	}
	c := testbed.Start(t)
	namespace := c.Namespace(t, nil)
	direct := c.Kubeconfig(t, namespace)
	flags := []string{"--bundle", "nginx", "--service", "web", "--restart"}
	wants(t, applied(t, direct, flags...), 0, "^issued: ")
	c.Kubectl(t, direct, deploymentUsing("other", "x"), "create", "-f", "-")
	other := "/apis/apps/v1/namespaces/" + namespace + "/deployments/other"
	for n := 1; ; n++ {
		before, generation := pairIn(t, c, namespace, "x"), testbed.Get[metav1.PartialObjectMetadata](t, c, other).Generation
		seen := 0
		var process *os.Process
		var mu sync.Mutex
		proxy := testbed.NewProxy(t, direct, func(r *http.Request) testbed.Fault {
			mu.Lock()
			defer mu.Unlock()
			if r.Method != "PATCH" || r.URL.Query().Has("dryRun") {
				return nil
			}
			if seen++; seen != n {
				return nil
			}
			// The server acts, and nobody hears of it.
			return testbed.After(func(http.ResponseWriter, *http.Request, http.Handler) { process.Kill() })
		})
		cmd := exec.Command(e2e.Certgen(t), append([]string{"apply", "x", "--dns", "x.example", "--reissue", "--kubeconfig", proxy.Kubeconfig}, flags...)...)
		mu.Lock()
		err := cmd.Start()
		process = cmd.Process
		mu.Unlock()
		if err != nil {
			t.Fatal(err)
		}
		ended := cmd.Wait()
		if ended == nil {
			if n <= 4 { // the Secret, the bundle's Deployment, the other one, the mark
				t.Errorf("only %d writes", n-1)
			}
			return
		}
		after := pairIn(t, c, namespace, "x")
		if bytes.Equal(before.Data["tls.crt"], after.Data["tls.crt"]) {
			t.Errorf("killed after write %d: the certificate is the old one", n)
		}
		wants(t, applied(t, direct, flags...), 0, "^kept: ")
		if r := applied(t, direct, flags...); strings.Count(r.Stdout, "unchanged\n") != 4 || strings.Contains(r.Stdout, "restarted") {
			t.Errorf("killed after write %d: something was left to do:\n%s%s", n, r.Stdout, r.Stderr)
		}
		if now := testbed.Get[metav1.PartialObjectMetadata](t, c, other).Generation; now != generation+1 {
			t.Errorf("killed after write %d: the workload was restarted %d times, want once", n, now-generation)
		}
	}
}

// deploymentUsing is a Deployment that mounts a Secret.
func deploymentUsing(name, secret string) string {
	return `{"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "` + name + `"}, "spec": {"selector": {"matchLabels": {"app": "` + name + `"}},
"template": {"metadata": {"labels": {"app": "` + name + `"}}, "spec": {"containers": [{"name": "c", "image": "nginx"}], "volumes": [{"name": "v", "secret": {"secretName": "` + secret + `"}}]}}}}`
}

// TestCreateReadsNoKubeconfig: whatever is wrong with it, create is none the wiser.
func TestCreateReadsNoKubeconfig(t *testing.T) {
	broken := filepath.Join(t.TempDir(), "broken")
	e2e.Write(t, broken, []byte("{"))
	t.Setenv("KUBECONFIG", broken)
	e2e.Create(t, "x", "--dns", "x.example")
	r := e2e.Execute(t, "", e2e.Certgen(t), "apply", "x", "--dns", "x.example")
	wants(t, r, 1, "^error: kubeconfig: .*broken.*\nhint: kubectl config view ")
}
