package main

import (
	"crypto/tls"
	"encoding/hex"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
)

// everyName is one name of each sort that a certificate can carry.
func everyName() []string {
	return []string{
		"--dns", "one.example,*.two.example", "--ip", "127.0.0.1,::1",
		"--uri", "spiffe://three.example/x", "--email", "four@five.example",
	}
}

// TestReaders gives what certgen made, for each type of key and each sort of issuer, to the programs that
// will have to accept it.
func TestReaders(t *testing.T) {
	t.Parallel()
	readers := map[string]func(*testing.T, string, keyType){
		"openssl": readByOpenSSL,
		"GnuTLS":  readByGnuTLS,
		"Java":    readByJava,
		"curl":    readByCurl,
		"Node":    readByNode,
	}
	for _, key := range keyTypes() {
		t.Run(key.name, func(t *testing.T) {
			t.Parallel()
			for issuer, flags := range issuers(t, key.algorithm) {
				t.Run(issuer, func(t *testing.T) {
					t.Parallel()
					args := append([]string{"x"}, everyName()...)
					dir := createPEM(t, append(append(args, key.flags()...), flags...)...)
					for name, judge := range readers {
						t.Run(name, func(t *testing.T) {
							judge(t, dir, key)
						})
					}
				})
			}
		})
	}
}

func readByOpenSSL(t *testing.T, dir string, key keyType) {
	openssl := need(t, "openssl")
	cert, ca := filepath.Join(dir, "tls.crt"), filepath.Join(dir, "ca.crt")

	output(t, "", openssl, "pkey", "-in", filepath.Join(dir, "tls.key"), "-check", "-noout")
	verify := []string{"verify", "-x509_strict", "-purpose", "sslserver", "-verify_hostname", "one.example", "-untrusted", cert}
	output(t, "", openssl, append(verify, "-CAfile", ca, cert)...)
	if r := execute(t, "", openssl, append(verify, "-no-CAfile", "-no-CApath", "-no-CAstore", cert)...); r.code == 0 {
		t.Error("openssl trusts it without ca.crt")
	}

	usage := "Digital Signature"
	if key.algorithm == "rsa" {
		usage += ", Key Encipherment"
	}
	leaf := parse(t, cert)[0]
	if len(leaf.SubjectKeyId) != 20 {
		t.Errorf("subject key identifier of %d bytes, want 20 (RFC 7093)", len(leaf.SubjectKeyId))
	}
	authority := leaf.SubjectKeyId
	if certs := append(parse(t, cert), parse(t, ca)...); len(certs) > 1 {
		authority = certs[1].SubjectKeyId
	}
	want := map[string]string{
		"X509v3 Subject Alternative Name": "DNS:one.example, DNS:*.two.example, IP Address:127.0.0.1, IP Address:0:0:0:0:0:0:0:1, " +
			"URI:spiffe://three.example/x, email:four@five.example",
		"X509v3 Key Usage: critical":         usage,
		"X509v3 Extended Key Usage":          "TLS Web Server Authentication",
		"X509v3 Basic Constraints: critical": "CA:FALSE",
		"X509v3 Subject Key Identifier":      colons(leaf.SubjectKeyId),
		"X509v3 Authority Key Identifier":    colons(authority),
	}
	got := output(t, "", openssl, "x509", "-in", cert, "-noout", "-ext",
		"subjectAltName,keyUsage,extendedKeyUsage,basicConstraints,subjectKeyIdentifier,authorityKeyIdentifier")
	extensions := map[string]string{}
	name := ""
	for line := range strings.Lines(got) {
		if value, indented := strings.CutPrefix(line, "    "); indented {
			extensions[name] += strings.TrimSpace(value)
		} else {
			name = strings.TrimRight(line, ": \n")
		}
	}
	for name, value := range want {
		if name == "X509v3 Subject Alternative Name" {
			sameSet(t, strings.Split(extensions[name], ", "), strings.Split(value, ", "))
		} else if extensions[name] != value {
			t.Errorf("%s: %q, want %q", name, extensions[name], value)
		}
	}
	if len(extensions) != len(want) {
		t.Errorf("extensions:\n%s", got)
	}
}

// colons writes bytes as openssl does.
func colons(b []byte) string {
	var pairs []string
	for _, c := range b {
		pairs = append(pairs, strings.ToUpper(hex.EncodeToString([]byte{c})))
	}
	return strings.Join(pairs, ":")
}

func sameSet(t *testing.T, got, want []string) {
	t.Helper()
	left := map[string]int{}
	for _, w := range want {
		left[w]++
	}
	for _, g := range got {
		left[g]--
	}
	for name, n := range left {
		if n != 0 {
			t.Errorf("%q: %d missing; got %q", name, n, got)
		}
	}
}

func readByGnuTLS(t *testing.T, dir string, _ keyType) {
	certtool := need(t, "certtool")
	cert, ca := filepath.Join(dir, "tls.crt"), filepath.Join(dir, "ca.crt")
	printed := output(t, "", certtool, "-i", "--infile", cert)
	for _, want := range []string{"DNSname: one.example", "DNSname: *.two.example", "IPAddress: 127.0.0.1", "IPAddress: ::1",
		"URI: spiffe://three.example/x", "RFC822Name: four@five.example", "TLS WWW Server", "Certificate Authority (CA): FALSE"} {
		if !strings.Contains(printed, want) {
			t.Errorf("certtool -i does not print %q:\n%s", want, printed)
		}
	}
	if parse(t, ca)[0].IsCA {
		// Of a self-signed leaf certtool demands that it be a CA; GnuTLS's client, below, does not.
		output(t, "", certtool, "--verify", "--verify-hostname", "one.example", "--verify-purpose", "1.3.6.1.5.5.7.3.1",
			"--infile", cert, "--load-ca-certificate", ca)
	}
	output(t, "", certtool, "--key-info", "--infile", filepath.Join(dir, "tls.key"))

	connect := []string{"--port", serve(t, dir), "--verify-hostname", "one.example", "127.0.0.1"}
	output(t, "", need(t, "gnutls-cli"), append(connect, "--x509cafile", ca)...)
	if r := execute(t, "", need(t, "gnutls-cli"), connect...); r.code == 0 {
		t.Error("GnuTLS trusts it without ca.crt")
	}
}

func readByJava(t *testing.T, dir string, _ keyType) {
	keytool := need(t, "keytool")
	// A JVM that lives for a second gains nothing from its second compiler.
	run := func(args ...string) string {
		return output(t, "", keytool, append(args, "-J-XX:TieredStopAtLevel=1", "-J-XX:-UsePerfData", "-J-Duser.language=en")...)
	}
	printed := run("-printcert", "-file", filepath.Join(dir, "tls.crt"))
	for _, want := range []string{"DNSName: one.example", "DNSName: *.two.example", "IPAddress: 127.0.0.1", "serverAuth"} {
		if !strings.Contains(printed, want) {
			t.Errorf("keytool -printcert does not print %q:\n%s", want, printed)
		}
	}
	if strings.Contains(printed, "Warning") {
		t.Errorf("keytool warns:\n%s", printed)
	}
	run("-importcert", "-noprompt", "-alias", "certgen", "-file", filepath.Join(dir, "ca.crt"),
		"-keystore", filepath.Join(t.TempDir(), "trust.p12"), "-storepass", "changeit")
}

// serve starts a server with the pair in dir on a free port of this machine, and returns the port.
func serve(t *testing.T, dir string) string {
	t.Helper()
	pair, err := tls.LoadX509KeyPair(filepath.Join(dir, "tls.crt"), filepath.Join(dir, "tls.key"))
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		io.WriteString(w, "hello")
	}))
	server.TLS = &tls.Config{Certificates: []tls.Certificate{pair}}
	server.Config.ErrorLog = log.New(io.Discard, "", 0) // the clients that must refuse are reported otherwise
	server.StartTLS()
	t.Cleanup(server.Close)
	_, port, err := net.SplitHostPort(server.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	return port
}

func readByCurl(t *testing.T, dir string, _ keyType) {
	curl := need(t, "curl")
	port := serve(t, dir)
	for _, host := range []string{"one.example", "any.two.example", "127.0.0.1"} {
		fetch := []string{"-sS", "--noproxy", "*", "--resolve", host + ":" + port + ":127.0.0.1", "https://" + host + ":" + port}
		if got := output(t, "", curl, append(fetch, "--cacert", filepath.Join(dir, "ca.crt"))...); got != "hello" {
			t.Errorf("%s: %q", host, got)
		}
		if r := execute(t, "", curl, fetch...); r.code != 60 {
			t.Errorf("%s without ca.crt: exit %d, want 60 (peer certificate cannot be authenticated)", host, r.code)
		}
	}
}

// nodeClient says what came of a handshake: "ok", or the code of the error.
const nodeClient = `
const [port, servername, ca] = process.argv.slice(1);
const options = {host: '127.0.0.1', port, servername, ca: ca && require('fs').readFileSync(ca)};
require('tls').connect(options, function () { console.log(this.authorized ? 'ok' : 'unauthorized'); this.destroy(); })
	.on('error', e => console.log(e.code));
`

func readByNode(t *testing.T, dir string, _ keyType) {
	node := need(t, "node")
	port := serve(t, dir)
	connect := func(args ...string) string {
		return strings.TrimSpace(output(t, "", node, append([]string{"-e", nodeClient, port}, args...)...))
	}
	ca := filepath.Join(dir, "ca.crt")
	if got := connect("one.example", ca); got != "ok" {
		t.Errorf("with ca.crt: %s", got)
	}
	if got := connect("one.example"); got == "ok" {
		t.Error("Node trusts it without ca.crt")
	}
	if got, want := connect("six.example", ca), "ERR_TLS_CERT_ALTNAME_INVALID"; got != want {
		t.Errorf("by a name it does not carry: %s, want %s", got, want)
	}
}
