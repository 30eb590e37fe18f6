package readers

import (
	"crypto"
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"certgen/certs/pki"
	"certgen/internal/e2e"
	"certgen/internal/faulty"
)

// TestClaims holds what each finding says of clients and servers against these: up to the first semicolon,
// its text names the clients that refuse, and all others must be content.
func TestClaims(t *testing.T) {
	t.Parallel()
	claims := e2e.Claims()
	var said []claim
	var visits []visit
	for _, p := range faulty.NewMaker(t, time.Now()).Pairs(e2e.Parse(t, "../../../testdata/tutorial.crt")[0]) {
		dir := t.TempDir()
		e2e.Write(t, filepath.Join(dir, "tls.crt"), p.PEM.Cert)
		e2e.Write(t, filepath.Join(dir, "tls.key"), p.PEM.Key)
		e2e.Write(t, filepath.Join(dir, "roots.pem"), append(p.Roots, p.PEM.CA...))
		if p.Useless {
			if !strings.Contains(claims[p.ID], "server") {
				t.Errorf("%s breaks %q, which does not speak of servers", p.ID, claims[p.ID])
			}
			noServerLoads(t, p.ID, dir)
			continue
		}
		if len(p.PEM.Key) == 0 {
			e2e.Write(t, filepath.Join(dir, "tls.key"), e2e.PublishedKey(t))
		}
		said = append(said, claim{p.ID, breaks(t, p, dir)})
		visits = append(visits, visit{specimen: specimen{dir: dir, port: e2e.Serve(t, dir)}, host: faulty.Host, ca: filepath.Join(dir, "roots.pem")})
	}
	holdClaims(t, said, visits)
}

// claim is what certgen says of who refuses.
type claim struct{ id, breaks string }

// breaks is what certgen verify says of the pair in dir, up to the first semicolon: one finding may break others
// than the same in another place.
func breaks(t *testing.T, p faulty.Pair, dir string) string {
	t.Helper()
	args := []string{"verify", filepath.Join(dir, "tls.crt"), "--ca", filepath.Join(dir, "roots.pem"), "-o", "json"}
	for _, host := range p.Hosts {
		args = append(args, "--hostname", host)
	}
	args = append(args, p.Args...)
	r := e2e.Execute(t, "", e2e.Certgen(t), args...)
	var report struct {
		Items []struct{ Findings []struct{ ID, Breaks string } }
	}
	if err := json.Unmarshal([]byte(r.Stdout), &report); err != nil || len(report.Items) != 1 {
		t.Fatalf("%s: exit %d, %v\n%s%s", p.ID, r.Code, err, r.Stdout, r.Stderr)
	}
	for _, f := range report.Items[0].Findings {
		if f.ID == p.ID {
			said, _, _ := strings.Cut(f.Breaks, ";")
			return said
		}
	}
	return e2e.Claims()[p.ID] // of the ca.crt, which is named with --ca here
}

// TestClaimsOfServers does the same for what is wrong with how a server serves.
func TestClaimsOfServers(t *testing.T) {
	t.Parallel()
	m := faulty.NewMaker(t, time.Now())
	roots := filepath.Join(t.TempDir(), "roots.pem")
	e2e.Write(t, roots, pki.EncodeCertificates(m.Root.Certificate))
	claims := e2e.Claims()
	var said []claim
	var visits []visit
	for _, e := range m.Endpoints() {
		// Clients do not give up on one that stalls, and some end before a server can refuse them in TLS 1.3.
		if e.ID == "" || e.ID == "stalled" || e.ID == "client-certificate" && e.Version == tls.VersionTLS13 {
			continue
		}
		_, port, err := net.SplitHostPort(e.Address)
		if err != nil {
			t.Fatal(err)
		}
		said = append(said, claim{e.ID, claims[e.ID]})
		visits = append(visits, visit{specimen: specimen{dir: e.How, port: port}, host: faulty.Host, ca: roots, misserved: true})
	}
	holdClaims(t, said, visits)
}

// holdClaims has each client visit servers, and holds whether it accepts them against what is said of each.
func holdClaims(t *testing.T, said []claim, visits []visit) {
	for _, c := range clients() {
		if c.name == "OpenSSL" {
			c.accepts = each(acceptedByOpenSSLOverTLS) // "openssl verify" does not hold it against the security level
		}
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			for i, accepted := range c.accepts(t, visits) {
				breaks := said[i].breaks
				refuses := strings.Contains(breaks, "every client") || slices.Contains(strings.Fields(strings.ReplaceAll(breaks, ",", "")), c.name)
				if accepted == refuses {
					t.Errorf("%s breaks %q, but %s accepts it: %t", said[i].id, breaks, c.name, accepted)
				}
			}
		})
	}
}

// stranger is the private key of nobody.
type stranger struct{ public crypto.PublicKey }

func (s stranger) Public() crypto.PublicKey { return s.public }

func (s stranger) Sign(io.Reader, []byte, crypto.SignerOpts) ([]byte, error) {
	return make([]byte, s.public.(*rsa.PublicKey).Size()), nil
}

// TestClaimOfLargeKey: Go refuses RSA keys of more than 8192 bits before it looks at what they signed, and
// takes those of 8192 bits until then.
func TestClaimOfLargeKey(t *testing.T) {
	t.Parallel()
	m := faulty.NewMaker(t, time.Now())
	for bits, want := range map[int]string{8192: "invalid signature", 8200: "RSA key larger than 8192 bits"} {
		path := filepath.Join(t.TempDir(), "tls.crt")
		e2e.Write(t, path, m.LargeKey(bits))
		pair := tls.Certificate{}
		for _, c := range e2e.Parse(t, path) {
			pair.Certificate = append(pair.Certificate, c.Raw)
		}
		pair.PrivateKey = stranger{e2e.Parse(t, path)[0].PublicKey}
		roots := x509.NewCertPool()
		roots.AddCert(m.Root.Certificate)
		near, far := net.Pipe()
		go func() {
			_ = tls.Server(far, &tls.Config{Certificates: []tls.Certificate{pair}}).Handshake() // fails when the client does
			far.Close()
		}()
		err := tls.Client(near, &tls.Config{RootCAs: roots, ServerName: faulty.Host}).Handshake()
		near.Close()
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%d bits: %v, want %q", bits, err, want)
		}
		r := e2e.Execute(t, "", e2e.Certgen(t), "verify", path, "--ca", path)
		if found := strings.Contains(r.Stdout, "weak-key: "); found != (bits > 8192) {
			t.Errorf("%d bits: %s", bits, r.Stdout)
		}
	}
}

func acceptedByOpenSSLOverTLS(t *testing.T, v visit) bool {
	return v.ended(t, e2e.Execute(t, "", e2e.Need(t, "openssl"), "s_client", "-connect", "127.0.0.1:"+v.port, "-servername", v.host,
		"-verify_hostname", v.host, "-verify_return_error", "-CAfile", v.ca))
}

// noServerLoads gives the pair in a folder to servers, all of which must refuse it.
func noServerLoads(t *testing.T, id, dir string) {
	t.Helper()
	cert, key := filepath.Join(dir, "tls.crt"), filepath.Join(dir, "tls.key")
	if _, err := tls.LoadX509KeyPair(cert, key); err == nil {
		t.Errorf("%s: a Go server loads it", id)
	}
	conf := filepath.Join(dir, "nginx.conf")
	text := fmt.Sprintf("pid %s/pid;\nerror_log stderr;\nevents {}\nhttp { access_log off; server { listen unix:%s/s ssl; ssl_certificate %s; ssl_certificate_key %s; } }\n", dir, dir, cert, key)
	e2e.Write(t, conf, []byte(text))
	if r := e2e.Execute(t, "", e2e.Need(t, "nginx"), "-t", "-p", dir, "-c", conf); r.Code == 0 || !strings.Contains(r.Stderr, "SSL_CTX_use") && !strings.Contains(r.Stderr, "cannot load certificate") {
		t.Errorf("%s: nginx -t: exit %d\n%s", id, r.Code, r.Stderr)
	}
}

// TestTutorial gives the tutorial's Secret, as it stands there, to certgen verify: its faults are one report.
func TestTutorial(t *testing.T) {
	t.Parallel()
	_, secret, _ := strings.Cut(e2e.Tutorial(t), `apiVersion: "v1"`+"\n"+`kind: "Secret"`)
	secret, _, _ = strings.Cut(secret, "```")
	r := e2e.Execute(t, "apiVersion: v1\nkind: Secret"+secret, e2e.Certgen(t), "verify", "-", "--hostname", "my-nginx", "-o", "json")
	var report struct {
		Items []struct{ Findings []struct{ ID string } }
	}
	if err := json.Unmarshal([]byte(r.Stdout), &report); err != nil || len(report.Items) != 1 {
		t.Fatalf("exit %d, %v\n%s%s", r.Code, err, r.Stdout, r.Stderr)
	}
	var ids []string
	for _, finding := range report.Items[0].Findings {
		ids = append(ids, finding.ID)
	}
	if want := []string{"known-key", "expired", "cn-only", "name-not-covered", "weak-signature", "ca-flag"}; r.Code != 1 || !slices.Equal(ids, want) {
		t.Errorf("exit %d, findings %q, want %q", r.Code, ids, want)
	}
	if strings.Contains(r.Stdout+r.Stderr, string(e2e.PublishedKey(t)[30:60])) {
		t.Error("the report repeats the private key")
	}
}
