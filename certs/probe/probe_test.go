package probe_test

import (
	"context"
	"crypto"
	"crypto/rsa"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"certgen/certs/lint"
	"certgen/certs/pki"
	"certgen/certs/probe"
	"certgen/internal/faulty"
)

func dialer(address string) probe.Dial {
	return func(ctx context.Context) (net.Conn, error) { return (&net.Dialer{}).DialContext(ctx, "tcp", address) }
}

// within asks a server that has so long.
func within(t *testing.T, timeout time.Duration, dial probe.Dial) probe.Answer {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), timeout)
	defer cancel()
	return probe.Ask(ctx, dial, faulty.Host)
}

// patience is how long an endpoint has.
func patience(e faulty.Endpoint) time.Duration {
	if e.ID == "stalled" {
		return 300 * time.Millisecond
	}
	return 20 * time.Second
}

func ids(findings []lint.Finding) []string {
	var ids []string
	for _, f := range findings {
		ids = append(ids, f.Rule.ID)
	}
	return ids
}

// TestAsk: each fault of a server is one finding, and none keeps the certificate from being read that can be.
func TestAsk(t *testing.T) {
	t.Parallel()
	m := faulty.NewMaker(t, time.Now())
	endpoints := m.Endpoints() // they are to live as long as the parallel tests below
	for _, e := range endpoints {
		t.Run(e.ID+" "+e.How, func(t *testing.T) {
			t.Parallel()
			var want []string
			if e.ID != "" {
				want = []string{e.ID}
			}
			start := time.Now()
			a := within(t, patience(e), dialer(e.Address))
			if !slices.Equal(ids(a.Findings), want) {
				t.Errorf("%v, want %q", a.Findings, want)
			}
			if a.Version != e.Version || (len(a.Chain) == 2) != (e.Version != 0) || (a.CipherSuite == 0) != (e.Version == 0) {
				t.Errorf("%s, cipher %x, %d certificates, want %s", tls.VersionName(a.Version), a.CipherSuite, len(a.Chain), tls.VersionName(e.Version))
			}
			if len(a.Chain) > 0 && (a.Latency <= 0 || a.Latency > time.Since(start)) {
				t.Errorf("took %v of %v", a.Latency, time.Since(start))
			}
			if asks := strings.Contains(e.How, "asks") || e.ID == "client-certificate"; a.AsksClient != asks {
				t.Errorf("asks for a client certificate: %t", a.AsksClient)
			}
		})
	}
}

// TestAskUnreachable words why a connection failed without what whoever asks knows already.
func TestAskUnreachable(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, want string
		dial       probe.Dial
	}{
		{"name", "no-such-host.invalid: no such host", func(context.Context) (net.Conn, error) {
			return nil, &net.OpError{Op: "dial", Net: "tcp", Err: &net.DNSError{Err: "no such host", Name: "no-such-host.invalid", Server: "192.0.2.53:53"}}
		}},
		{"route", "no route to host", func(context.Context) (net.Conn, error) {
			return nil, &net.OpError{Op: "dial", Net: "tcp", Addr: &net.TCPAddr{Port: 443}, Err: errors.New("no route to host")}
		}},
		{"filtered", "it does not take the connection in time", func(ctx context.Context) (net.Conn, error) {
			<-ctx.Done()
			return nil, ctx.Err()
		}},
		{"another path", "pod my-nginx-1 is not running", func(context.Context) (net.Conn, error) {
			return nil, errors.New("pod my-nginx-1 is not running")
		}},
	} {
		a := within(t, 50*time.Millisecond, test.dial)
		if len(a.Findings) != 1 || a.Findings[0] != probe.RuleUnreachable.Found("%s", test.want) {
			t.Errorf("%s: %v, want %s", test.name, a.Findings, test.want)
		}
	}
}

// stranger is the private key of nobody.
type stranger struct{ public *rsa.PublicKey }

func (s stranger) Public() crypto.PublicKey { return s.public }

func (s stranger) Sign(io.Reader, []byte, crypto.SignerOpts) ([]byte, error) {
	return make([]byte, s.public.Size()), nil
}

// TestAskLargeKey: crypto/tls does not go on with such a key, so the finding of the certificate is made here.
func TestAskLargeKey(t *testing.T) {
	t.Parallel()
	c, err := pki.ParseCertificates(faulty.NewMaker(t, time.Now()).LargeKey(8200))
	if err != nil {
		t.Fatal(err)
	}
	pair := tls.Certificate{Certificate: [][]byte{c[0].Raw}, PrivateKey: stranger{c[0].PublicKey.(*rsa.PublicKey)}}
	a := within(t, 20*time.Second, func(context.Context) (net.Conn, error) {
		near, far := net.Pipe()
		go func() {
			_ = tls.Server(far, &tls.Config{Certificates: []tls.Certificate{pair}}).Handshake() // fails when the client does
			far.Close()
		}()
		return near, nil
	})
	if !slices.Equal(ids(a.Findings), []string{"weak-key"}) {
		t.Error(a.Findings)
	}
}

// asking is a connection to a server that asks for a client certificate, and acts in some way once hands are shaken.
func asking(t *testing.T, m *faulty.Maker, then func(*tls.Conn)) net.Conn {
	sound := m.Sound()
	pair, err := tls.X509KeyPair(sound.Cert, sound.Key)
	if err != nil {
		t.Fatal(err)
	}
	near, far := net.Pipe()
	t.Cleanup(func() { far.Close() })
	go func() {
		server := tls.Server(far, &tls.Config{Certificates: []tls.Certificate{pair}, ClientAuth: tls.RequestClientCert})
		if server.Handshake() == nil { // else the client has given up
			then(server)
		}
	}()
	return near
}

// deaf is a connection that knows no deadlines, as those through the API server may not.
type deaf struct{ net.Conn }

func (deaf) SetDeadline(time.Time) error      { return errors.New("no deadlines here") }
func (deaf) SetReadDeadline(time.Time) error  { return errors.New("no deadlines here") }
func (deaf) SetWriteDeadline(time.Time) error { return errors.New("no deadlines here") }

// counted counts what is read.
type counted struct {
	net.Conn
	n *atomic.Int64
}

func (c counted) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	c.n.Add(int64(n))
	return n, err
}

// TestAskEndless: of an answer that never ends, little is read, and it is no refusal.
func TestAskEndless(t *testing.T) {
	t.Parallel()
	m := faulty.NewMaker(t, time.Now())
	for _, start := range []string{"HTTP/1.1 200 OK\r\n", "HTTP/1.1 200 OK\r\n\r\n"} {
		var read atomic.Int64
		a := within(t, 2*time.Second, func(context.Context) (net.Conn, error) {
			return counted{asking(t, m, func(server *tls.Conn) {
				_, err := io.WriteString(server, start)
				for line := "A: " + strings.Repeat("a", 1000) + "\r\n"; err == nil; {
					_, err = io.WriteString(server, line)
				}
			}), &read}, nil
		})
		if !a.AsksClient || len(a.Findings) > 0 || read.Load() > 256<<10 {
			t.Errorf("%q: %d bytes were read, %+v", start, read.Load(), a)
		}
	}
}

// TestAskWithoutDeadlines: that the connection knows no deadlines is no reason to hang.
func TestAskWithoutDeadlines(t *testing.T) {
	t.Parallel()
	m := faulty.NewMaker(t, time.Now())
	a := within(t, time.Second, func(context.Context) (net.Conn, error) {
		return deaf{asking(t, m, func(*tls.Conn) {})}, nil
	})
	if !a.AsksClient || len(a.Findings) > 0 {
		t.Errorf("reads nothing after the handshake: %+v", a)
	}
	for _, e := range m.Endpoints() {
		a := within(t, patience(e), func(ctx context.Context) (net.Conn, error) {
			conn, err := dialer(e.Address)(ctx)
			if err != nil {
				return nil, err
			}
			return deaf{conn}, nil
		})
		if e.ID != "" && !slices.Equal(ids(a.Findings), []string{e.ID}) || e.ID == "" && len(a.Findings) > 0 {
			t.Errorf("%s %s: %v", e.ID, e.How, a.Findings)
		}
	}
}
