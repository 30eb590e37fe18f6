package story

import (
	"crypto/tls"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"certgen/certs/pki"
	"certgen/internal/faulty"
)

// serveScript is the script command "serve CERT KEY": a server with the pair in these files, at $SERVER,
// until the script ends.
func serveScript(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: serve CERT KEY")
	}
	pair, err := tls.X509KeyPair([]byte(ts.ReadFile(args[0])), []byte(ts.ReadFile(args[1])))
	ts.Check(err)
	server := httptest.NewUnstartedServer(http.NotFoundHandler())
	server.TLS = &tls.Config{Certificates: []tls.Certificate{pair}}
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.StartTLS()
	ts.Defer(server.Close)
	ts.Setenv("SERVER", server.Listener.Addr().String())
}

// misserveScript is the script command "misserve": for each fault that a server can have one with it, at the
// variable of the finding's name, as $PLAIN_HTTP. Clients know them as web.example, and trust roots.crt.
func misserveScript(t *testing.T) func(ts *testscript.TestScript, neg bool, args []string) {
	type servers struct {
		maker     *faulty.Maker
		endpoints []faulty.Endpoint
	}
	start := sync.OnceValue(func() servers {
		m := faulty.NewMaker(t, time.Now())
		return servers{m, m.Endpoints()}
	})
	return func(ts *testscript.TestScript, neg bool, args []string) {
		if neg || len(args) > 0 {
			ts.Fatalf("usage: misserve")
		}
		all := start()
		for _, e := range all.endpoints {
			ts.Setenv(strings.ToUpper(strings.ReplaceAll(e.ID, "-", "_")), e.Address)
		}
		ts.Check(os.WriteFile(ts.MkAbs("roots.crt"), pki.EncodeCertificates(all.maker.Root.Certificate), 0o600))
	}
}
