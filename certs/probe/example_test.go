package probe_test

import (
	"context"
	"fmt"
	"net"
	"net/http/httptest"
	"time"

	"certgen/certs/probe"
)

// One server speaks TLS, the other plain HTTP.
func ExampleAsk() {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	tls, plain := httptest.NewTLSServer(nil), httptest.NewServer(nil)
	defer tls.Close()
	defer plain.Close()

	for _, server := range []*httptest.Server{tls, plain} {
		answer := probe.Ask(ctx, func(ctx context.Context) (net.Conn, error) {
			return new(net.Dialer).DialContext(ctx, "tcp", server.Listener.Addr().String())
		}, "example.com")
		fmt.Println("certificates:", len(answer.Chain))
		for _, finding := range answer.Findings {
			fmt.Println(finding.Rule.ID)
		}
	}
	// Output:
	// certificates: 1
	// certificates: 0
	// plain-http
}
