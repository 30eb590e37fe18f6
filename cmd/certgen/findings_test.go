package main

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
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

// serveRaw starts a server that sends whatever chain it is given, in the order given. Its key may be
// another's.
func serveRaw(t *testing.T, certPEM, keyPEM []byte) (port string) {
	t.Helper()
	var pair tls.Certificate
	for block, rest := pem.Decode(certPEM); block != nil; block, rest = pem.Decode(rest) {
		pair.Certificate = append(pair.Certificate, block.Bytes)
	}
	block, _ := pem.Decode(keyPEM)
	key, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	pair.PrivateKey = key
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "hello") }))
	server.TLS = &tls.Config{Certificates: []tls.Certificate{pair}}
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.StartTLS()
	t.Cleanup(server.Close)
	_, port, err = net.SplitHostPort(server.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	return port
}

func TestClaims(t *testing.T) {
	m := faulty.NewMaker(t, time.Now())
	published := parse(t, "../../testdata/tutorial.crt")[0]
	for _, p := range m.Pairs(published) {
		if len(p.PEM.Key) == 0 || slices.Contains([]string{"unreadable", "key-encrypted"}, p.ID) {
			continue
		}
		t.Run(p.ID, func(t *testing.T) {
			roots := p.Roots
			if roots == nil {
				roots = p.PEM.CA
			}
			path := filepath.Join(t.TempDir(), "roots.pem")
			if err := os.WriteFile(path, roots, 0o600); err != nil {
				t.Fatal(err)
			}
			port := serveRaw(t, p.PEM.Cert, p.PEM.Key)
			for name, try := range clients() {
				said := try(t, port, path)
				lines := strings.Split(strings.TrimSpace(said), "\n")
				t.Logf("%-8s %s", name, lines[len(lines)-1])
			}
		})
	}
	_ = secrets.Rules
	_ = testbed.Missing
}
