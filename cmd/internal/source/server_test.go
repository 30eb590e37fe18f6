package source

import (
	"net"
	"slices"
	"sync/atomic"
	"testing"
	"testing/iotest"
	"time"

	"certgen/cmd/internal/cli"
)

func TestParseServer(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		arg, name     string
		address, asks string // empty where it is no server
		err           bool
	}{
		{arg: "web.example:443", address: "web.example:443", asks: "web.example"},
		{arg: "my-nginx:443", address: "my-nginx:443", asks: "my-nginx"},
		{arg: "Web.Example.:443", address: "web.example.:443", asks: "web.example"},
		{arg: "web.example.:443", name: "shop.example", address: "web.example.:443", asks: "shop.example"},
		{arg: "bücher.example:8443", address: "xn--bcher-kva.example:8443", asks: "xn--bcher-kva.example"},
		{arg: "bücher.example:8443", name: "web.example", address: "xn--bcher-kva.example:8443", asks: "web.example"},
		{arg: "192.0.2.1:443", address: "192.0.2.1:443", asks: "192.0.2.1"},
		{arg: "192.0.2.1:443", name: "web.example", address: "192.0.2.1:443", asks: "web.example"},
		{arg: "[::1]:8443", address: "[::1]:8443", asks: "::1"},
		{arg: "[::ffff:192.0.2.1]:443", address: "[::ffff:192.0.2.1]:443", asks: "192.0.2.1"},
		{arg: "[fe80::1%eth0]:443", address: "[fe80::1%eth0]:443", asks: "fe80::1"},
		{arg: "web_1:443", name: "web.example", address: "web_1:443", asks: "web.example"},
		{arg: "web_1:443", err: true},
		{arg: ":443", err: true},
		{arg: ":443", name: "web.example", err: true},
		{arg: "*.web.example:443", err: true},
		{arg: "web.example:0", err: true},
		{arg: "web.example:65536", err: true},
		{arg: "web.example"}, {arg: "web.example:"}, {arg: "web.example:https"}, {arg: "::1"},
		{arg: "https://web.example:8443", address: "web.example:8443", asks: "web.example"},
		{arg: "HTTPS://Web.Example", address: "web.example:443", asks: "web.example"},
		{arg: "https://web.example:/a/b?c=d#e", address: "web.example:443", asks: "web.example"},
		{arg: "https://192.0.2.1/", address: "192.0.2.1:443", asks: "192.0.2.1"},
		{arg: "https://[::1]", address: "[::1]:443", asks: "::1"},
		{arg: "https://b\u00fccher.example", address: "xn--bcher-kva.example:443", asks: "xn--bcher-kva.example"},
		{arg: "https://web_1/", name: "web.example", address: "web_1:443", asks: "web.example"},
		{arg: "https://user:word@web.example", err: true},
		{arg: "https://", err: true},
		{arg: "https:///path", err: true},
		{arg: "https://web.example:x", err: true},
		{arg: "https://web.example:0", err: true},
		{arg: "http://web.example", err: true},
		{arg: "ldaps://web.example:636", err: true},
		{arg: `C:\tls.crt`}, {arg: "a:-1"}, {arg: "-"}, {arg: ""},
	} {
		s, err := parseServer(test.arg, test.name)
		switch {
		case (err != nil) != test.err:
			t.Errorf("%s: %v", test.arg, err)
		case s == nil && test.address != "":
			t.Errorf("%s: is no server", test.arg)
		case s != nil && (s.address != test.address || s.name != test.asks || s.arg != test.arg):
			t.Errorf("%s: %+v, want %s asked for %s", test.arg, s, test.address, test.asks)
		}
	}
}

// TestServersAtOnce: those that stall do so beside each other, however few the cores.
func TestServersAtOnce(t *testing.T) {
	t.Parallel()
	const servers = 20
	var asked atomic.Int64
	var args []string
	for range servers {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { l.Close() })
		args = append(args, l.Addr().String())
		go func() {
			if conn, err := l.Accept(); err == nil { // it fails when the test has ended
				asked.Add(1)
				defer conn.Close()
				<-t.Context().Done()
			}
		}()
	}
	flags := SourceFlags{Timeout: time.Minute}
	reader, err := flags.Reader(t.Context(), cli.IOStreams{In: iotest.ErrReader(nil)}, args)
	if err != nil {
		t.Fatal(err)
	}
	jobs := slices.Collect(reader.Read(t.Context()))
	for deadline := time.Now().Add(30 * time.Second); asked.Load() < servers; time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("%d of %d are asked, before any answers", asked.Load(), len(jobs))
		}
	}
}
