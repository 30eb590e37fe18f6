package main

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"certgen/internal/faulty"
	"certgen/internal/testbed"
	"certgen/secrets"
)

// client tries to reach a server on a port of this machine by the name faulty.Host, trusting what is in a
// file. It returns "" where it was content, and what it said where not.
type client func(t *testing.T, port, roots string) string

func clients() map[string]client {
	return map[string]client{
		"Go":      goClient,
		"curl":    curlClient,
		"Node":    nodeClientSays,
		"Java":    javaClient,
		"GnuTLS":  gnutlsClient,
		"OpenSSL": opensslClient,
	}
}

func goClient(t *testing.T, port, roots string) string {
	pool := x509.NewCertPool()
	for _, c := range parse(t, roots) {
		pool.AddCert(c)
	}
	conn, err := tls.Dial("tcp", "127.0.0.1:"+port, &tls.Config{RootCAs: pool, ServerName: faulty.Host})
	if err != nil {
		return err.Error()
	}
	conn.Close()
	return ""
}

func curlClient(t *testing.T, port, roots string) string {
	r := execute(t, "", need(t, "curl"), "-sS", "--noproxy", "*", "--cacert", roots,
		"--resolve", faulty.Host+":"+port+":127.0.0.1", "https://"+faulty.Host+":"+port)
	if r.code == 0 {
		return ""
	}
	return r.stderr
}

func nodeClientSays(t *testing.T, port, roots string) string {
	said := strings.TrimSpace(output(t, "", need(t, "node"), "-e", nodeClient, port, faulty.Host, roots))
	if said == "ok" {
		return ""
	}
	return said
}

func gnutlsClient(t *testing.T, port, roots string) string {
	r := execute(t, "", need(t, "gnutls-cli"), "--port", port, "--x509cafile", roots, "--verify-hostname", faulty.Host,
		"--sni-hostname", faulty.Host, "127.0.0.1")
	if r.code == 0 {
		return ""
	}
	return r.stdout + r.stderr
}

func opensslClient(t *testing.T, port, roots string) string {
	r := execute(t, "", need(t, "openssl"), "s_client", "-connect", "127.0.0.1:"+port, "-CAfile", roots, "-no-CApath", "-no-CAstore",
		"-servername", faulty.Host, "-verify_hostname", faulty.Host, "-verify_return_error")
	if r.code == 0 {
		return ""
	}
	return r.stdout + r.stderr
}

// javaClient trusts the file's certificates and checks the name as HTTPS does.
const javaSource = `
import java.io.*; import java.net.*; import java.security.*; import java.security.cert.*; import javax.net.ssl.*;
public class Client {
	public static void main(String[] args) throws Exception {
		KeyStore roots = KeyStore.getInstance(KeyStore.getDefaultType());
		roots.load(null, null);
		int n = 0;
		for (java.security.cert.Certificate c : CertificateFactory.getInstance("X.509").generateCertificates(new FileInputStream(args[1])))
			roots.setCertificateEntry("root" + n++, c);
		TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
		trust.init(roots);
		SSLContext context = SSLContext.getInstance("TLS");
		context.init(null, trust.getTrustManagers(), null);
		Socket plain = new Socket("127.0.0.1", Integer.parseInt(args[0]));
		SSLSocket socket = (SSLSocket) context.getSocketFactory().createSocket(plain, args[2], plain.getPort(), true);
		SSLParameters parameters = socket.getSSLParameters();
		parameters.setEndpointIdentificationAlgorithm("HTTPS");
		socket.setSSLParameters(parameters);
		try { socket.startHandshake(); System.out.println("ok"); } catch (IOException e) { System.out.println(e); }
	}
}
`

func javaClient(t *testing.T, port, roots string) string {
	java := need(t, "java")
	source := filepath.Join(t.TempDir(), "Client.java")
	if err := os.WriteFile(source, []byte(javaSource), 0o600); err != nil {
		t.Fatal(err)
	}
	said := strings.TrimSpace(output(t, "", java, "-XX:TieredStopAtLevel=1", "-XX:-UsePerfData", source, port, roots, faulty.Host))
	if said == "ok" {
		return ""
	}
	return said
}

// TestClaims holds what each finding says of clients against the clients themselves: up to the first
// semicolon, its text names those that refuse, and all others must be content.
func TestClaims(t *testing.T) {
	t.Parallel()
	breaks := map[string]string{}
	for _, rule := range secrets.Rules() {
		breaks[rule.ID], _, _ = strings.Cut(rule.Breaks, ";")
	}
	m := faulty.NewMaker(t, time.Now())
	for _, p := range m.Pairs(parse(t, "../../testdata/tutorial.crt")[0]) {
		claim := breaks[p.ID]
		t.Run(p.ID, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			for name, text := range map[string][]byte{"tls.crt": p.PEM.Cert, "tls.key": p.PEM.Key, "roots.pem": append(p.Roots, p.PEM.CA...)} {
				if err := os.WriteFile(filepath.Join(dir, name), text, 0o600); err != nil {
					t.Fatal(err)
				}
			}
			switch {
			case p.Useless:
				if !strings.Contains(claim, "server") {
					t.Errorf("breaks %q does not speak of servers", claim)
				}
				noServerLoads(t, dir)
			case len(p.PEM.Key) == 0:
				publishedKey(t, dir)
				fallthrough
			default:
				port := serve(t, dir)
				for name, try := range clients() {
					said := try(t, port, filepath.Join(dir, "roots.pem"))
					if want := strings.Contains(claim, "every client") || slices.Contains(strings.Fields(strings.ReplaceAll(claim, ",", "")), name); want != (said != "") {
						t.Errorf("breaks %q, but %s says %q", claim, name, said)
					}
				}
			}
		})
	}
}

// noServerLoads gives the pair in a folder to servers, all of which must refuse it.
func noServerLoads(t *testing.T, dir string) {
	t.Helper()
	cert, key := filepath.Join(dir, "tls.crt"), filepath.Join(dir, "tls.key")
	if _, err := tls.LoadX509KeyPair(cert, key); err == nil {
		t.Error("a Go server loads it")
	}
	conf := filepath.Join(dir, "nginx.conf")
	text := fmt.Sprintf("pid %s/pid;\nerror_log stderr;\nevents {}\nhttp { access_log off; server { listen unix:%s/s ssl; ssl_certificate %s; ssl_certificate_key %s; } }\n", dir, dir, cert, key)
	if err := os.WriteFile(conf, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	if r := execute(t, "", need(t, "nginx"), "-t", "-p", dir, "-c", conf); r.code == 0 || !strings.Contains(r.stderr, "SSL_CTX_use") && !strings.Contains(r.stderr, "cannot load certificate") {
		t.Errorf("nginx -t: exit %d\n%s", r.code, r.stderr)
	}
}

// publishedKey takes the private key of the tutorial's sample from the tutorial, which is not part of this
// repository, and puts it beside the certificate.
func publishedKey(t *testing.T, dir string) {
	t.Helper()
	tutorials, err := filepath.Glob("../../../shared/seeds/000_*.txt")
	if err != nil || len(tutorials) == 0 {
		testbed.Missing(t, "needs the tutorial with the published key in ../shared/seeds")
	}
	text, err := os.ReadFile(tutorials[0])
	if err != nil {
		t.Fatal(err)
	}
	_, encoded, _ := strings.Cut(string(text), "tls.key: \"")
	encoded, _, _ = strings.Cut(encoded, "\"")
	key, err := base64.StdEncoding.DecodeString(encoded)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "tls.key"), key, 0o600); err != nil {
		t.Fatal(err)
	}
}

// TestClaimsOfKubernetes holds what each finding says of kubectl and the API server against these.
func TestClaimsOfKubernetes(t *testing.T) {
	t.Parallel()
	cluster := testbed.Start(t)
	kubectl, kubeconfig := testbed.KubectlPath(t), cluster.Kubeconfig(t, cluster.Namespace(t, nil))
	breaks := map[string]string{}
	for _, rule := range secrets.Rules() {
		breaks[rule.ID], _, _ = strings.Cut(rule.Breaks, ";")
	}
	m := faulty.NewMaker(t, time.Now())
	for _, manifest := range m.Manifests() {
		t.Run(manifest.ID, func(t *testing.T) {
			claim := breaks[manifest.ID]
			r := execute(t, manifest.Text, kubectl, "--kubeconfig", kubeconfig, "--cache-dir", t.TempDir(), "create", "--dry-run=server", "-f", "-")
			refused := strings.Contains(claim, "API server") || strings.Contains(claim, "kubectl")
			if refused != (r.code != 0) {
				t.Errorf("breaks %q, but kubectl create: exit %d\n%s", claim, r.code, r.stderr)
			}
			t.Logf("%s", strings.TrimSpace(r.stdout+r.stderr))
		})
	}
}
