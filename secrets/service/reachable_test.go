package service

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os/exec"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/intstr"
	utilnet "k8s.io/apimachinery/pkg/util/net"
	"k8s.io/apimachinery/pkg/util/validation"
	"k8s.io/client-go/rest"

	"certgen/internal/testbed"
	"certgen/secrets/cluster"
)

// TestProxyVerdict tells what the API server says from what the pods say through it.
func TestProxyVerdict(t *testing.T) {
	t.Parallel()
	var elsewhere, sent atomic.Int64
	thief := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { elsewhere.Add(1) }))
	t.Cleanup(thief.Close)
	status := func(code int, reason, details string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			w.WriteHeader(code)
			fmt.Fprintf(w, `{"kind":"Status","apiVersion":"v1","status":"Failure","message":"said so","reason":%q,"details":%s,"code":%d}`, reason, details, code)
		}
	}
	page := func(code int) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(code)
			fmt.Fprint(w, "<html>")
		}
	}
	for name, test := range map[string]struct {
		answer http.HandlerFunc
		want   string
	}{
		"a page":                     {page(200), "yes "},
		"no such page":               {page(404), "yes it answers 404 Not Found"},
		"the pod is overloaded":      {page(503), "yes it answers 503 Service Unavailable"},
		"a redirect to somebody":     {http.RedirectHandler(thief.URL, http.StatusFound).ServeHTTP, "yes it answers 302 Found"},
		"not allowed":                {status(403, "Forbidden", `{"name":"https:web:","kind":"services"}`), "no you are not allowed to get services/proxy"},
		"not allowed by the pod":     {status(403, "Forbidden", `{}`), "yes it answers 403 Forbidden"},
		"no endpoints":               {status(503, "ServiceUnavailable", "null"), "no said so"},
		"no answer":                  {func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }, "no no answer within 1s"},
		"an answer that never stops": {endless(200, &sent), "yes "},
		"an error that never stops":  {endless(500, &sent), "yes it answers 500 Internal Server Error"},
		"an error that stalls": {func(w http.ResponseWriter, r *http.Request) {
			w.WriteHeader(500)
			w.(http.Flusher).Flush()
			<-r.Context().Done()
		}, "yes it answers 500 Internal Server Error"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := httptest.NewServer(test.answer)
			t.Cleanup(server.CloseClientConnections)
			cluster, err := cluster.Connect(&rest.Config{Host: server.URL, BearerToken: "secret"}, nil)
			if err != nil {
				t.Fatal(err)
			}
			access := &Access{Paths: []Path{{Kind: PathProxy, request: "/x/"}, {Kind: PathKubectlProxy, request: "/x/"}}}
			start := time.Now()
			CheckReachable(t.Context(), cluster, access)
			if took := time.Since(start); took > 5*time.Second {
				t.Errorf("took %s", took)
			}
			for _, p := range access.Paths {
				if got := string(p.Usable) + " " + p.Why; got != test.want {
					t.Errorf("%s: %q, want %q", p.Kind, got, test.want)
				}
			}
		})
	}
	t.Cleanup(func() {
		if n := elsewhere.Load(); n > 0 {
			t.Errorf("the credentials went elsewhere %d times", n)
		}
		if n := sent.Load(); n > 32<<20 { // what the system buffers for the connection is the most of it
			t.Errorf("%d bytes were taken", n)
		}
	})
}

// endless writes until nobody reads any more, and counts the bytes.
func endless(code int, sent *atomic.Int64) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(code)
		for {
			n, err := w.Write(make([]byte, 64<<10))
			sent.Add(int64(n))
			if err != nil {
				return
			}
		}
	}
}

// TestCheckReachableMany: of more addresses than can be tried in time, the rest is said not to be known.
func TestCheckReachableMany(t *testing.T) {
	t.Parallel()
	access := &Access{leadsTo: []string{"127.0.0.1"}}
	port := &Port{Number: 9, Protocol: corev1.ProtocolTCP}
	for range 3 * maxConnections {
		access.Paths = append(access.Paths, Path{Kind: PathProxy, Port: port, request: "/x/"})
	}
	stalling := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }))
	t.Cleanup(stalling.CloseClientConnections)
	cluster, err := cluster.Connect(&rest.Config{Host: stalling.URL}, nil)
	if err != nil {
		t.Fatal(err)
	}
	start := time.Now()
	CheckReachable(t.Context(), cluster, access)
	if took := time.Since(start); took > 5*time.Second {
		t.Errorf("took %s", took)
	}
	if last := access.Paths[len(access.Paths)-1]; last.Usable != UsableUnknown || last.Why != "not checked: there were too many addresses" {
		t.Errorf("%s: %s", last.Usable, last.Why)
	}
}

// TestSpeaksHTTPS guesses what a port speaks.
func TestSpeaksHTTPS(t *testing.T) {
	t.Parallel()
	for want, ports := range map[bool][]corev1.ServicePort{
		true: {
			{Port: 443}, {Name: "https", Port: 8443}, {Name: "https-metrics", Port: 9}, {Port: 80, TargetPort: intstr.FromInt32(443)}, {Port: 80, TargetPort: intstr.FromString("https")},
			{Port: 80, AppProtocol: new("HTTPS")}, {Port: 80, AppProtocol: new("kubernetes.io/wss")}, {Port: 443, AppProtocol: new("example.com/own")},
		},
		false: {
			{Port: 80}, {Name: "http", Port: 8443}, {Name: "httpsd", Port: 1}, {Port: 443, AppProtocol: new("http")}, {Port: 443, AppProtocol: new("kubernetes.io/h2c")},
			{Name: "https", Port: 443, Protocol: corev1.ProtocolUDP},
		},
	} {
		for _, p := range ports {
			if speaksHTTPS(p) != want {
				t.Errorf("%+v: %t", p, !want)
			}
		}
	}
}

// FuzzProxyName: the API server's own reader takes the name apart into the port that was meant.
func FuzzProxyName(f *testing.F) {
	f.Add("my-nginx", "https", int32(443), true)
	f.Add("my-nginx", "", int32(80), false)
	f.Add("https", "8080", int32(9000), true)
	f.Fuzz(func(t *testing.T, service, name string, number int32, https bool) {
		if validation.IsDNS1123Label(service) != nil || name != "" && validation.IsDNS1123Label(name) != nil || number < 1 || number > 65535 {
			return // no Service has these
		}
		scheme, gotService, port, ok := utilnet.SplitSchemeNamePort(proxyName(service, Port{Name: name, Number: number, HTTPS: https}))
		if n, err := strconv.ParseInt(port, 10, 64); err == nil { // as the server reads it: a number is a Service's port
			if n != int64(number) {
				t.Errorf("port %s is not %d", port, number)
			}
			port = name
		}
		if !ok || gotService != service || port != name || (scheme == "https") != https {
			t.Errorf("%q %q %q %t", scheme, gotService, port, ok)
		}
	})
}

// TestShellLine has a shell part the line again.
func TestShellLine(t *testing.T) {
	t.Parallel()
	sh, err := exec.LookPath("sh")
	if err != nil {
		testbed.Missing(t, "needs sh")
	}
	words := []string{"plain", "with space", "it's", `"`, "$HOME", "`id`", "a;b", "*", "~", "#x", "", "back\\slash", "new\nline", "--flag=v"}
	out, err := exec.Command(sh, "-c", "printf '%s|' "+shellLine(false, words...)).Output()
	if err != nil {
		t.Fatal(err)
	}
	if got, want := string(out), strings.Join(words, "|")+"|"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if got := shellLine(true, "plain", `C:\it's`); got != `plain 'C:\it''s'` {
		t.Errorf("PowerShell: %s", got)
	}
}
