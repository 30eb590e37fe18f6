package readers

import (
	"crypto/x509"
	"encoding/hex"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"certgen/certs/pki"
	"certgen/internal/e2e"
	"certgen/internal/testbed"
)

// everyName is one name of each sort that a certificate can carry.
func everyName() []string {
	return []string{
		"--dns", "one.example,*.two.example", "--ip", "127.0.0.1,::1",
		"--uri", "spiffe://three.example/x", "--email", "four@five.example",
	}
}

// specimen is a pair that certgen made, and that a server uses on a port of this machine.
type specimen struct {
	key       e2e.KeyType
	issuer    string
	dir, port string
}

// TestReaders gives what certgen made, for each type of key and each sort of issuer, to the programs that
// will have to accept it.
func TestReaders(t *testing.T) {
	t.Parallel()
	testbed.Long(t, "gives every kind of certificate to every client")
	var specimens []specimen
	for _, key := range e2e.KeyTypes() {
		flags := e2e.Issuers(t, key.Algorithm)
		for _, issuer := range slices.Sorted(maps.Keys(flags)) {
			args := slices.Concat([]string{"x"}, everyName(), key.Flags(), flags[issuer])
			dir := e2e.CreatePEM(t, args...)
			specimens = append(specimens, specimen{key, issuer, dir, e2e.Serve(t, dir)})
		}
	}
	for name, judge := range map[string]func(*testing.T, specimen){
		"openssl":  readByOpenSSL,
		"certtool": readByCerttool,
		"curl":     readByCurl,
	} {
		t.Run(name, func(t *testing.T) {
			for _, s := range specimens {
				t.Run(s.key.Name+" "+s.issuer, func(t *testing.T) { judge(t, s) })
			}
		})
	}
	t.Run("keytool", func(t *testing.T) { readByKeytool(t, specimens) })
	matrix(t, specimens)
}

func readByOpenSSL(t *testing.T, s specimen) {
	openssl := e2e.Need(t, "openssl")
	cert, ca := filepath.Join(s.dir, "tls.crt"), filepath.Join(s.dir, "ca.crt")
	e2e.Output(t, "", openssl, "pkey", "-in", filepath.Join(s.dir, "tls.key"), "-check", "-noout")

	usage := "Digital Signature"
	if s.key.Algorithm == "rsa" {
		usage += ", Key Encipherment"
	}
	leaf := e2e.Parse(t, cert)[0]
	if len(leaf.SubjectKeyId) != 20 {
		t.Errorf("subject key identifier of %d bytes, want 20 (RFC 7093)", len(leaf.SubjectKeyId))
	}
	authority := leaf.SubjectKeyId
	if certs := append(e2e.Parse(t, cert), e2e.Parse(t, ca)...); len(certs) > 1 {
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
	got := e2e.Output(t, "", openssl, "x509", "-in", cert, "-noout", "-ext",
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

func readByCerttool(t *testing.T, s specimen) {
	certtool := e2e.Need(t, "certtool")
	cert, ca := filepath.Join(s.dir, "tls.crt"), filepath.Join(s.dir, "ca.crt")
	printed := e2e.Output(t, "", certtool, "-i", "--infile", cert)
	for _, want := range []string{"DNSname: one.example", "DNSname: *.two.example", "IPAddress: 127.0.0.1", "IPAddress: ::1",
		"URI: spiffe://three.example/x", "RFC822Name: four@five.example", "TLS WWW Server", "Certificate Authority (CA): FALSE"} {
		if !strings.Contains(printed, want) {
			t.Errorf("certtool -i does not print %q:\n%s", want, printed)
		}
	}
	if e2e.Parse(t, ca)[0].IsCA {
		// Of a self-signed leaf certtool demands that it be a CA; GnuTLS's client does not.
		e2e.Output(t, "", certtool, "--verify", "--verify-hostname", "one.example", "--verify-purpose", "1.3.6.1.5.5.7.3.1",
			"--infile", cert, "--load-ca-certificate", ca)
	}
	e2e.Output(t, "", certtool, "--key-info", "--infile", filepath.Join(s.dir, "tls.key"))
}

// readByKeytool has one JVM print them all, because each takes a second to start.
func readByKeytool(t *testing.T, specimens []specimen) {
	keytool := e2e.Need(t, "keytool")
	var leaves []*x509.Certificate
	for _, s := range specimens {
		leaves = append(leaves, e2e.Parse(t, filepath.Join(s.dir, "tls.crt"))[0])
	}
	file := filepath.Join(t.TempDir(), "all.crt")
	e2e.Write(t, file, pki.EncodeCertificates(leaves...))
	args := []string{"-printcert", "-file", file}
	for _, flag := range javaFlags() {
		args = append(args, "-J"+flag)
	}
	printed := strings.Split(e2e.Output(t, "", keytool, args...), "Certificate[")[1:]
	if len(printed) != len(specimens) {
		t.Fatalf("keytool prints %d certificates of %d", len(printed), len(specimens))
	}
	for i, text := range printed {
		for _, want := range []string{"DNSName: one.example", "DNSName: *.two.example", "IPAddress: 127.0.0.1", "serverAuth"} {
			if !strings.Contains(text, want) {
				t.Errorf("%s %s: keytool -printcert does not print %q:\n%s", specimens[i].key.Name, specimens[i].issuer, want, text)
			}
		}
		if strings.Contains(text, "Warning") {
			t.Errorf("%s %s: keytool warns:\n%s", specimens[i].key.Name, specimens[i].issuer, text)
		}
	}
}

// readByCurl reaches the server by its address.
func readByCurl(t *testing.T, s specimen) {
	got := e2e.Output(t, "", e2e.Need(t, "curl"), "-sS", "--noproxy", "*", "--cacert", filepath.Join(s.dir, "ca.crt"), "https://127.0.0.1:"+s.port)
	if got != "hello" {
		t.Errorf("%q", got)
	}
}
