//go:build linux

package readers

import (
	"bytes"
	"fmt"
	"net"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"certgen/internal/e2e"
)

// servedConf has a server of nginx's for each way that is of interest.
const servedConf = `
daemon off; master_process off; pid DIR/nginx.pid; error_log DIR/error.log;
events {}
http {
	access_log off; ssl_protocols TLSv1.2 TLSv1.3;
	client_body_temp_path DIR/a; proxy_temp_path DIR/b; fastcgi_temp_path DIR/c; uwsgi_temp_path DIR/d; scgi_temp_path DIR/e;
	ssl_certificate DIR/tls.crt; ssl_certificate_key DIR/tls.key; ssl_client_certificate DIR/ca.crt;
	server { listen SOUND ssl; }
	server { listen PLAIN; }
	server { listen INSISTS ssl; ssl_verify_client on; }
	server { listen INSISTS12 ssl; ssl_verify_client on; ssl_protocols TLSv1.2; }
	server { listen ASKS ssl; ssl_verify_client optional; }
	server { listen REJECTS ssl; ssl_reject_handshake on; }
}
`

// TestServed asks servers that others wrote, and holds what certgen finds against what they were told to do.
func TestServed(t *testing.T) {
	t.Parallel()
	openssl, gnutls, nginx := e2e.Need(t, "openssl"), e2e.Need(t, "gnutls-serv"), e2e.Need(t, "nginx")
	ca := e2e.NewAuthority(t, "Example CA", "ecdsa", nil)
	dir := e2e.CreatePEM(t, append([]string{"web", "--dns", "web.example", "--key-algorithm", "rsa"}, ca.Flags(t)...)...)
	file := func(name string) string { return filepath.Join(dir, name) }

	addresses := map[string]string{}
	conf := strings.ReplaceAll(servedConf, "DIR", dir)
	for _, name := range []string{"INSISTS12", "SOUND", "PLAIN", "INSISTS", "ASKS", "REJECTS"} {
		addresses[name] = freeAddress(t)
		conf = strings.ReplaceAll(conf, name, addresses[name])
	}
	e2e.Write(t, file("nginx.conf"), []byte(conf))
	launch(t, addresses["SOUND"], nginx, "-e", "stderr", "-p", dir, "-c", file("nginx.conf"))
	sServer := func(args ...string) string {
		address := freeAddress(t)
		launch(t, address, openssl, append([]string{"s_server", "-accept", address, "-cert", file("tls.crt"), "-key", file("tls.key"), "-quiet"}, args...)...)
		return address
	}
	gnutlsServ := func(args ...string) string {
		address := freeAddress(t)
		_, port, err := net.SplitHostPort(address)
		if err != nil {
			t.Fatal(err)
		}
		launch(t, address, gnutls, append([]string{"--port", port, "--x509certfile", file("tls.crt"), "--x509keyfile", file("tls.key"), "--http", "--quiet"}, args...)...)
		return address
	}

	for name, test := range map[string]struct {
		address string
		tls     string // "" where no certificate comes
		want    string // the finding's id; "" where there is none
		detail  string
	}{
		"nginx":                             {addresses["SOUND"], "TLS 1.3", "", ""},
		"nginx, plain":                      {addresses["PLAIN"], "", "plain-http", ""},
		"nginx, client certificate":         {addresses["INSISTS"], "TLS 1.3", "client-certificate", `it answers with "400 Bad Request"`},
		"nginx, client certificate, 1.2":    {addresses["INSISTS12"], "TLS 1.2", "client-certificate", `it answers with "400 Bad Request"`},
		"nginx, client certificate or none": {addresses["ASKS"], "TLS 1.3", "", ""},
		"nginx, no such name":               {addresses["REJECTS"], "", "handshake-refused", `"unrecognized name"`},
		"OpenSSL, TLS 1.0":                  {sServer("-tls1", "-cipher", "ALL@SECLEVEL=0"), "TLS 1.0", "old-tls", ""},
		"OpenSSL, TLS 1.1":                  {sServer("-tls1_1", "-cipher", "ALL@SECLEVEL=0"), "TLS 1.1", "old-tls", ""},
		"OpenSSL, RSA key exchange":         {sServer("-tls1_2", "-cipher", "kRSA"), "TLS 1.2", "old-cipher", "TLS_RSA_WITH_AES"},
		"OpenSSL, no common cipher":         {sServer("-tls1_2", "-cipher", "kDHE"), "", "handshake-refused", `"handshake failure"`},
		"OpenSSL, client certificate":       {sServer("-Verify", "1", "-tls1_3"), "TLS 1.3", "client-certificate", `"certificate required"`},
		"OpenSSL, client certificate, 1.2":  {sServer("-Verify", "1", "-tls1_2"), "TLS 1.2", "client-certificate", `"handshake failure"`},
		"OpenSSL, client certificate, 1.0":  {sServer("-Verify", "1", "-tls1", "-cipher", "ALL@SECLEVEL=0"), "TLS 1.0", "old-tls client-certificate", ""},
		"OpenSSL, asks":                     {sServer("-verify", "1", "-www"), "TLS 1.3", "", ""},
		"GnuTLS":                            {gnutlsServ("--disable-client-cert"), "TLS 1.3", "", ""},
		"GnuTLS, asks":                      {gnutlsServ(), "TLS 1.3", "", ""},
		"GnuTLS, client certificate":        {gnutlsServ("--require-client-cert"), "TLS 1.3", "client-certificate", ""},
		"GnuTLS, client certificate, 1.2":   {gnutlsServ("--require-client-cert", "--priority", "NORMAL:-VERS-TLS1.3"), "TLS 1.2", "client-certificate", ""},
		"GnuTLS, another name":              {gnutlsServ("--sni-hostname", "other.example", "--sni-hostname-fatal"), "", "handshake-refused", `"unrecognized name"`},
		"GnuTLS, TLS 1.0":                   {gnutlsServ("--priority", "NORMAL:-VERS-ALL:+VERS-TLS1.0"), "TLS 1.0", "old-tls", ""},
	} {
		t.Run(name, func(t *testing.T) {
			found := e2e.VerifyServer(t, test.address, "--servername", "web.example", "--ca", file("ca.crt"))
			if found.Server.TLS != test.tls || found.IDs() != test.want || !strings.Contains(fmt.Sprint(found.Findings), test.detail) {
				t.Errorf("%+v, want %q over %q", found, test.want, test.tls)
			}
		})
	}
}

// TestServedFIPS: where crypto/tls may do less, it does less, and says so.
func TestServedFIPS(t *testing.T) {
	t.Setenv("GODEBUG", "fips140=on")
	dir := e2e.CreatePEM(t, "web", "--dns", "web.example", "--key-algorithm", "rsa")
	address := freeAddress(t)
	launch(t, address, e2e.Need(t, "openssl"), "s_server", "-accept", address, "-cert", filepath.Join(dir, "tls.crt"), "-key", filepath.Join(dir, "tls.key"),
		"-quiet", "-tls1", "-cipher", "ALL@SECLEVEL=0")
	if found := e2e.VerifyServer(t, address); found.IDs() != "handshake-refused" {
		t.Errorf("%+v", found)
	}
	if found := e2e.VerifyServer(t, "127.0.0.1:"+e2e.Serve(t, dir), "--servername", "web.example", "--ca", filepath.Join(dir, "ca.crt")); found.Server.TLS != "TLS 1.3" || found.IDs() != "" {
		t.Errorf("%+v", found)
	}
}

// launch runs a server until the test ends, and waits until it is there.
func launch(t *testing.T, address, program string, args ...string) {
	t.Helper()
	var log bytes.Buffer
	cmd := exec.Command(program, args...)
	cmd.Stdout, cmd.Stderr = &log, &log
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL} // it outlives no test that was killed
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		cmd.Process.Kill()
		cmd.Wait() // that it was killed is no news
		if t.Failed() {
			t.Logf("%s:\n%s", cmd, &log)
		}
	})
	waitFor(t, address)
}
