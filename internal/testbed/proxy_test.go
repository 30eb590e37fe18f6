package testbed

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	utilnet "k8s.io/apimachinery/pkg/util/net"
)

// body renders an object.
func body(t testing.TB, object any) []byte {
	t.Helper()
	data, err := json.Marshal(object)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// secret returns a Secret for server-side apply.
func secret(ns, name string) *corev1.Secret {
	return &corev1.Secret{
		TypeMeta:   metav1.TypeMeta{APIVersion: "v1", Kind: "Secret"},
		ObjectMeta: metav1.ObjectMeta{Namespace: ns, Name: name},
	}
}

func TestFaults(t *testing.T) {
	t.Parallel()
	c := Start(t)
	for name, test := range map[string]struct {
		fault  Fault
		is     func(error) bool
		text   string // in the error
		stored bool   // the server has acted
	}{
		"429":              {Answer(http.StatusTooManyRequests, 7*time.Second), apierrors.IsTooManyRequests, "Too Many Requests", false},
		"500":              {Answer(http.StatusInternalServerError, 0), apierrors.IsInternalError, "injected", false},
		"503":              {Answer(http.StatusServiceUnavailable, 0), apierrors.IsServiceUnavailable, "injected", false},
		"503 after":        {After(Answer(http.StatusServiceUnavailable, 0)), apierrors.IsServiceUnavailable, "injected", true},
		"reset":            {Reset(), isReset, "", false},
		"reset after":      {After(Reset()), isReset, "", true},
		"stall":            {Stall(), utilnet.IsTimeout, "deadline", false},
		"stall after":      {After(Stall()), utilnet.IsTimeout, "deadline", true},
		"nothing happened": {Meanwhile(func() {}), func(err error) bool { return err == nil }, "", true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ns := c.Namespace(t, nil)
			proxy := NewProxy(t, c.Kubeconfig(t, ns), First(1, "PATCH", "/secrets/x", test.fault))
			through := client(t, proxy.Kubeconfig)
			patch := func() error {
				ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
				defer cancel()
				return through.Patch(types.ApplyPatchType).AbsPath("/api/v1/namespaces", ns, "secrets/x").
					Param("fieldManager", "t").MaxRetries(0).Body(body(t, secret(ns, "x"))).Do(ctx).Error()
			}
			err := patch()
			if !test.is(err) {
				t.Errorf("error %T %v", err, err)
			}
			if err != nil && !strings.Contains(err.Error(), test.text) {
				t.Errorf("error %v, want %q in it", err, test.text)
			}
			if seconds, _ := apierrors.SuggestsClientDelay(err); name == "429" && seconds != 7 {
				t.Errorf("asks for a delay of %d s, want 7", seconds)
			}
			found := c.Admin.Get().AbsPath("/api/v1/namespaces", ns, "secrets/x").Do(t.Context()).Error()
			if test.stored != (found == nil) {
				t.Errorf("read after the fault: %v, want it stored: %v", found, test.stored)
			}
			if err := patch(); err != nil {
				t.Errorf("the second request: %v", err)
			}
			if n := proxy.Count("PATCH", "/secrets/x?fieldManager=t"); n != 2 {
				t.Errorf("counted %d, want 2: %q", n, proxy.Seen())
			}
		})
	}
}

// isReset knows both faces of a reset: which one a client sees depends on whether a read or a write of its
// own meets it first.
func isReset(err error) bool { return utilnet.IsConnectionReset(err) || utilnet.IsProbableEOF(err) }

// TestLostUpdate changes a Secret between a client's read and its write.
func TestLostUpdate(t *testing.T) {
	t.Parallel()
	c := Start(t)
	KubectlPath(t) // a skip for want of it would end the proxy's goroutine, not the test's
	ns := c.Namespace(t, nil)
	path := "/api/v1/namespaces/" + ns + "/secrets"
	Create(t, c, path, secret(ns, "x"))
	proxy := NewProxy(t, c.Kubeconfig(t, ns), First(1, "PUT", "/secrets/x", Meanwhile(func() {
		c.Kubectl(t, c.Kubeconfig(t, ns), "", "label", "secret", "x", "changed=yes")
	})))
	through := client(t, proxy.Kubeconfig)
	read := decode[corev1.Secret](t, through.Get().AbsPath(path, "x").Do(t.Context()))
	if err := through.Put().AbsPath(path, "x").Body(body(t, read)).Do(t.Context()).Error(); !apierrors.IsConflict(err) {
		t.Errorf("error %v, want a conflict", err)
	}
	if got := Get[corev1.Secret](t, c, path+"/x"); got.Labels["changed"] != "yes" {
		t.Errorf("labels %q", got.Labels)
	}
}

// TestProxyIsTransparent has kubectl work through a proxy that injects nothing.
func TestProxyIsTransparent(t *testing.T) {
	t.Parallel()
	c := Start(t)
	ns := c.Namespace(t, nil)
	user := c.UserKubeconfig(t, ns)
	for kubeconfig, want := range map[string]string{c.Kubeconfig(t, ns): "yes", user: "no"} {
		proxy := NewProxy(t, kubeconfig, func(r *http.Request) Fault {
			if r.ProtoMajor != 2 {
				t.Errorf("%s %s over %s, want HTTP/2", r.Method, r.URL, r.Proto)
			}
			return nil
		})
		whoami := c.Kubectl(t, proxy.Kubeconfig, "", "auth", "whoami")
		if (want == "yes") != strings.Contains(whoami, "system:masters") {
			t.Errorf("through the proxy a user is\n%s", whoami)
		}
	}
}
