package served_test

import (
	"context"
	"crypto/tls"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"certgen/certs/served"
)

func dialer(address string) served.Dial {
	return func(ctx context.Context) (net.Conn, error) { return (&net.Dialer{}).DialContext(ctx, "tcp", address) }
}

func TestAsk(t *testing.T) {
	t.Parallel()
	server := httptest.NewTLSServer(http.NotFoundHandler())
	defer server.Close()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	a := served.Ask(ctx, dialer(server.Listener.Addr().String()), "web.example")
	if len(a.Findings) > 0 || a.Version != tls.VersionTLS13 || a.Latency <= 0 || len(a.Chain) != 1 || !a.Chain[0].Equal(server.Certificate()) {
		t.Errorf("%+v", a)
	}
}
