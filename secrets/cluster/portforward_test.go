package cluster_test

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"certgen/internal/testbed"
)

// echo is a pod that sends back what it gets, on its port 7 alone.
func echo(pod string, port int) (net.Conn, error) {
	if port != 7 {
		return nil, errors.New("failed to connect to localhost inside namespace \"" + pod + "\", IPv4: dial tcp4 127.0.0.1:8: connect: connection refused")
	}
	near, far := net.Pipe()
	go func() {
		io.Copy(far, far)
		far.Close()
	}()
	return near, nil
}

// within bounds what a test waits for.
func within(t testing.TB, d time.Duration) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), d)
	t.Cleanup(cancel)
	return ctx
}

// without answers WebSocket requests as an API server does that does not know them.
func without(websockets int, plan testbed.Plan) testbed.Plan {
	return func(r *http.Request) testbed.Fault {
		if r.Method == http.MethodGet && r.Header.Get("Upgrade") == "websocket" {
			return testbed.Answer(websockets, 0)
		}
		return plan(r)
	}
}

// TestDialPod sends what does not fit into one frame to a pod and back, over both protocols.
func TestDialPod(t *testing.T) {
	t.Parallel()
	bed := testbed.Start(t)
	for name, test := range map[string]struct {
		plan     testbed.Plan
		upgrades string // the method of the request that was upgraded
	}{
		"WebSocket":      {testbed.PortForwards(echo), "GET"},
		"SPDY":           {without(http.StatusBadRequest, testbed.PortForwards(echo)), "POST"},
		"SPDY after 403": {without(http.StatusForbidden, testbed.PortForwards(echo)), "POST"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			proxy := testbed.NewProxy(t, bed.Kubeconfig(t, "default"), test.plan)
			conn, err := connect(t, proxy.Kubeconfig).DialPod(within(t, 20*time.Second), "default", "web-1", 7)
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close()
			sent := bytes.Repeat([]byte("0123456789abcdef"), 64<<10)
			go conn.Write(sent)
			conn.SetDeadline(time.Now().Add(20 * time.Second))
			got := make([]byte, len(sent))
			if _, err := io.ReadFull(conn, got); err != nil || !bytes.Equal(got, sent) {
				t.Errorf("%v; the same came back: %t", err, bytes.Equal(got, sent))
			}
			if n := proxy.Count(test.upgrades, "/api/v1/namespaces/default/pods/web-1/portforward"); n != 1 {
				t.Errorf("%d requests %s, want 1 of %q", n, test.upgrades, proxy.Seen())
			}
			conn.SetReadDeadline(time.Now().Add(10 * time.Millisecond))
			if _, err := conn.Read(got); !errors.Is(err, os.ErrDeadlineExceeded) {
				t.Errorf("read after the deadline: %v", err)
			}
			conn.Close()
			if _, err := conn.Read(got); !errors.Is(err, io.ErrClosedPipe) {
				t.Errorf("read after close: %v", err)
			}
		})
	}
}

// TestDialPodTLS shakes hands with a server behind a port-forward.
func TestDialPodTLS(t *testing.T) {
	t.Parallel()
	bed := testbed.Start(t)
	server := httptest.NewTLSServer(http.NotFoundHandler())
	defer server.Close()
	proxy := testbed.NewProxy(t, bed.Kubeconfig(t, "default"), testbed.PortForwards(func(string, int) (net.Conn, error) {
		return net.Dial("tcp", server.Listener.Addr().String())
	}))
	conn, err := connect(t, proxy.Kubeconfig).DialPod(within(t, 20*time.Second), "default", "web-1", 443)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	config := server.Client().Transport.(*http.Transport).TLSClientConfig.Clone()
	config.ServerName = "example.com"
	client := tls.Client(conn, config)
	client.SetDeadline(time.Now().Add(20 * time.Second))
	if err := client.Handshake(); err != nil {
		t.Error(err)
	}
}

// TestDialPodRefused: what the pod, the kubelet or the API server refuses is said, and nothing hangs.
func TestDialPodRefused(t *testing.T) {
	t.Parallel()
	bed := testbed.Start(t)
	ns := bed.Namespace(t, nil)
	testbed.Create(t, bed, "/api/v1/namespaces/"+ns+"/pods", corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{Name: "web-1"},
		Spec:       corev1.PodSpec{Containers: []corev1.Container{{Name: "nginx", Image: "nginx"}}},
	})
	reader := rbacv1.PolicyRule{Verbs: []string{"get"}, APIGroups: []string{""}, Resources: []string{"pods"}}
	for name, test := range map[string]struct {
		kubeconfig string
		plan       testbed.Plan // nil: the API server answers itself
		pod        string
		port       int
		want       string
		reading    bool // the dialing goes well
	}{
		"no such port":       {bed.Kubeconfig(t, ns), testbed.PortForwards(echo), "web-1", 8, "dial tcp pod/web-1:8: connection refused", true},
		"no such port, SPDY": {bed.Kubeconfig(t, ns), without(400, testbed.PortForwards(echo)), "web-1", 8, "dial tcp pod/web-1:8: connection refused", true},
		"no such pod":        {bed.Kubeconfig(t, ns), nil, "web-2", 7, `pods "web-2" not found`, false},
		"not running":        {bed.Kubeconfig(t, ns), nil, "web-1", 7, "pod web-1 does not have a host assigned", false},
		"no right":           {bed.UserKubeconfig(t, ns, reader), nil, "web-1", 7, `pods "web-1" is forbidden: User "user-`, false},
		"kubelet is down":    {bed.Kubeconfig(t, ns), func(*http.Request) testbed.Fault { return testbed.Answer(500, 0) }, "web-1", 7, "injected by the test bed", false},
		"reset":              {bed.Kubeconfig(t, ns), func(*http.Request) testbed.Fault { return testbed.Reset() }, "web-1", 7, "reset", false},
		"stalls":             {bed.Kubeconfig(t, ns), func(*http.Request) testbed.Fault { return testbed.Stall() }, "web-1", 7, "deadline exceeded|i/o timeout", false},
		"stalls over SPDY":   {bed.Kubeconfig(t, ns), without(400, func(*http.Request) testbed.Fault { return testbed.Stall() }), "web-1", 7, "deadline exceeded|i/o timeout", false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			kubeconfig := test.kubeconfig
			if test.plan != nil {
				kubeconfig = testbed.NewProxy(t, kubeconfig, test.plan).Kubeconfig
			}
			patience := 20 * time.Second
			if strings.HasPrefix(name, "stalls") {
				patience = time.Second
			}
			conn, err := connect(t, kubeconfig).DialPod(within(t, patience), ns, test.pod, test.port)
			if (err == nil) != test.reading {
				t.Fatalf("dial: %v", err)
			}
			if err == nil {
				defer conn.Close()
				conn.SetDeadline(time.Now().Add(patience))
				_, err = conn.Read(make([]byte, 1))
				var failed *net.OpError
				if !errors.As(err, &failed) || failed.Op != "dial" {
					t.Errorf("%T %v, want a net.OpError of dial", err, err)
				}
				if _, err := conn.Write([]byte{0}); !errors.As(err, &failed) || failed.Op != "dial" {
					t.Errorf("write: %T %v, want a net.OpError of dial", err, err)
				}
			}
			if err == nil || !regexp.MustCompile(test.want).MatchString(err.Error()) {
				t.Errorf("%v, want %q", err, test.want)
			}
		})
	}
}
