package testbed

import (
	"context"
	"encoding/pem"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"

	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd/api"
)

// A Proxy stands between clients and the API server. What it passes on is byte for byte what was sent, over
// HTTP/2 on both sides but for upgrades, as the user of the kubeconfig that it was made for.
type Proxy struct {
	Kubeconfig string // of the proxy, in the same namespace

	mu   sync.Mutex
	seen []string
}

// A Plan chooses what happens to a request: nil passes it on. It is called for all requests, at times for
// several at once.
type Plan func(r *http.Request) Fault

// A Fault is what happens to a request instead of being passed on; it may pass it on to the server itself.
type Fault func(w http.ResponseWriter, r *http.Request, server http.Handler)

// NewProxy starts a proxy, which ends with the test, in front of the server that a kubeconfig file names.
func NewProxy(t testing.TB, kubeconfig string, plan Plan) *Proxy {
	t.Helper()
	config := Config(t, kubeconfig)
	namespace, _, err := load(kubeconfig).Namespace()
	if err != nil {
		t.Fatal(err)
	}
	transport, err := rest.TransportFor(config)
	if err != nil {
		t.Fatal(err)
	}
	config = rest.CopyConfig(config)
	config.NextProtos = []string{"http/1.1"}
	upgrades, err := rest.TransportFor(config)
	if err != nil {
		t.Fatal(err)
	}
	target, err := url.Parse(config.Host)
	if err != nil {
		t.Fatal(err)
	}
	server := &httputil.ReverseProxy{
		Rewrite:       func(r *httputil.ProxyRequest) { r.SetURL(target) },
		Transport:     byUpgrade{transport, upgrades},
		FlushInterval: -1,                         // events of a watch, as they come
		ErrorLog:      log.New(io.Discard, "", 0), // of clients that went away
	}
	p := &Proxy{}
	front := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		p.mu.Lock()
		p.seen = append(p.seen, r.Method+" "+r.URL.RequestURI())
		p.mu.Unlock()
		if fault := plan(r); fault != nil {
			fault(w, r, server)
			return
		}
		server.ServeHTTP(w, r)
	}))
	front.EnableHTTP2 = true
	front.Config.ErrorLog = log.New(io.Discard, "", 0)
	front.Config.ConnContext = func(ctx context.Context, conn net.Conn) context.Context {
		return context.WithValue(ctx, connection{}, conn)
	}
	front.StartTLS()
	t.Cleanup(func() {
		front.CloseClientConnections() // or stalled requests would keep it from closing
		front.Close()
	})
	own := api.NewConfig()
	own.Clusters["proxy"] = &api.Cluster{
		Server:                   front.URL,
		CertificateAuthorityData: pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: front.Certificate().Raw}),
	}
	own.AuthInfos["proxy"] = &api.AuthInfo{Token: "none"} // kubectl would ask for a password; the proxy's certificate counts
	own.Contexts["proxy"] = &api.Context{Cluster: "proxy", AuthInfo: "proxy", Namespace: namespace}
	own.CurrentContext = "proxy"
	p.Kubeconfig = write(t, own)
	return p
}

// byUpgrade sends what asks for another protocol, such as a port-forward, over HTTP/1.1: HTTP/2 knows no
// upgrades.
type byUpgrade struct{ other, upgrades http.RoundTripper }

func (t byUpgrade) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Header.Get("Upgrade") != "" {
		return t.upgrades.RoundTrip(r)
	}
	return t.other.RoundTrip(r)
}

// Seen returns the requests so far, the oldest first, as "PATCH /path?query".
func (p *Proxy) Seen() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.seen)
}

// Count returns how many of the requests so far were of a method and had a text in their path or query.
func (p *Proxy) Count(method, text string) int {
	n := 0
	for _, request := range p.Seen() {
		if m, uri, _ := strings.Cut(request, " "); m == method && strings.Contains(uri, text) {
			n++
		}
	}
	return n
}

// First has a fault happen to the first n requests that are of a method and have a text in their path.
func First(n int, method, text string, fault Fault) Plan {
	var mu sync.Mutex
	return func(r *http.Request) Fault {
		if r.Method != method || !strings.Contains(r.URL.Path, text) {
			return nil
		}
		mu.Lock()
		defer mu.Unlock()
		if n == 0 {
			return nil
		}
		n--
		return fault
	}
}
