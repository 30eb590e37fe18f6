package bundle

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestConfText(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		options NginxOptions
		listen  []string
	}{
		"built in": {NginxOptions{}, []string{"listen 80;", "listen 443 ssl;"}},
		"IPv6": {NginxOptions{IPv6: true}, []string{
			"listen 80;", "listen 443 ssl;", "listen [::]:80;", "listen [::]:443 ssl;",
		}},
		"custom": {NginxOptions{Conf: "server {\n#listen 81;\nlisten 82;\n}"}, []string{"listen 82;"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var listen []string
			for line := range strings.Lines(test.options.confText()) {
				if line = strings.TrimSpace(line); strings.HasPrefix(line, "listen ") {
					listen = append(listen, line)
				}
			}
			if !slices.Equal(listen, test.listen) {
				t.Errorf("got %q, want %q", listen, test.listen)
			}
		})
	}
}

func TestConfTextIsTakenAsItIs(t *testing.T) {
	t.Parallel()
	const text = "\tserver { }  \n\n# é\rno end of line"
	windows := "\ufeff" + strings.ReplaceAll(text, "\n", "\r\n")
	for _, given := range []string{text, windows} {
		if got := (NginxOptions{Conf: given}).confText(); got != text {
			t.Errorf("%q became %q", given, got)
		}
	}
}

// TestNginxTakesConf has nginx itself judge the built-in default.conf. Only paths and ports are changed,
// to those that a test may use.
func TestNginxTakesConf(t *testing.T) {
	t.Parallel()
	nginx, err := exec.LookPath("nginx")
	if err != nil {
		t.Skip("nginx is not installed")
	}
	for name, options := range map[string]NginxOptions{"IPv4": {}, "IPv6": {IPv6: true}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if options.IPv6 && !hasIPv6() {
				t.Skip("this machine has no IPv6")
			}
			dir := t.TempDir()
			writePair(t, filepath.Join(dir, "tls.crt"), filepath.Join(dir, "tls.key"))
			conf := strings.NewReplacer(
				"/etc/nginx/ssl/", dir+"/", " /tmp/", " "+dir+"/",
				"listen 80;", "listen 18080;", "]:80;", "]:18080;",
				"listen 443 ", "listen 18443 ", "]:443 ", "]:18443 ",
			).Replace(options.confText())
			write(t, filepath.Join(dir, confKey), []byte(conf))
			main := filepath.Join(dir, "nginx.conf")
			write(t, main, []byte("pid "+dir+"/pid;\nevents {}\nhttp {\naccess_log off;\ninclude "+dir+"/"+confKey+";\n}\n"))

			out, err := exec.Command(nginx, "-t", "-e", "stderr", "-c", main).CombinedOutput()
			if err != nil || !strings.Contains(string(out), "test is successful") || strings.Contains(string(out), "[warn]") {
				t.Errorf("nginx -t: %v\n%s", err, out)
			}
		})
	}
}

func hasIPv6() bool {
	l, err := net.Listen("tcp6", "[::1]:0")
	if err != nil {
		return false
	}
	l.Close()
	return true
}

func write(t *testing.T, path string, data []byte) {
	t.Helper()
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
}

// writePair makes a key and a certificate that nginx can load.
func writePair(t *testing.T, certPath, keyPath string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{NotAfter: time.Now().Add(time.Hour), DNSNames: []string{"localhost"}}
	cert, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	write(t, certPath, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: cert}))
	write(t, keyPath, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}))
}
