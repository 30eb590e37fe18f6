//go:build linux

package readers

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"certgen/internal/e2e"
	"certgen/internal/testbed"
)

// TestReissueForServer: root makes a new pair for a server that runs as another user and reads its key as a member of a group, as
// Debian's servers read those of ssl-cert. It starts again.
func TestReissueForServer(t *testing.T) {
	t.Parallel()
	if os.Getuid() != 0 {
		testbed.Missing(t, "needs root, who re-issues for others")
	}
	const group = 23002
	nginx, openssl := e2e.Need(t, "nginx"), e2e.Need(t, "openssl")
	dir := t.TempDir()
	address := freeAddress(t)
	e2e.Write(t, filepath.Join(dir, "nginx.conf"), []byte(strings.NewReplacer("DIR", dir, "ADDRESS", address).Replace(`
daemon off;
pid DIR/run/nginx.pid;
events {}
http {
	access_log off;
	client_body_temp_path DIR/run/body; proxy_temp_path DIR/run/proxy; fastcgi_temp_path DIR/run/fastcgi;
	uwsgi_temp_path DIR/run/uwsgi; scgi_temp_path DIR/run/scgi;
	server { listen ADDRESS ssl; ssl_certificate DIR/ssl/web.crt; ssl_certificate_key DIR/ssl/web.key; }
}
`)))
	attr := unprivileged(t, dir, "run")
	attr.Credential.Groups = []uint32{group}
	ssl := filepath.Join(dir, "ssl")
	cert, key := filepath.Join(ssl, "web.crt"), filepath.Join(ssl, "web.key")
	if err := errors.Join(os.Mkdir(ssl, 0o710), os.Chown(ssl, 0, group)); err != nil {
		t.Fatal(err)
	}
	create := func(flags ...string) {
		t.Helper()
		e2e.Create(t, append([]string{"web", "--dns", "web.example", "--cert-out", cert, "--key-out", key}, flags...)...)
	}
	create()
	for _, path := range []string{cert, key} {
		if err := errors.Join(os.Chown(path, int(attr.Credential.Uid), group), os.Chmod(path, 0o640)); err != nil {
			t.Fatal(err)
		}
	}
	for _, run := range []string{"first", "again"} {
		var log strings.Builder
		server := exec.Command(nginx, "-e", "stderr", "-p", dir, "-c", filepath.Join(dir, "nginx.conf"))
		server.SysProcAttr, server.Dir, server.Stdout, server.Stderr = attr, "/", &log, &log
		if err := server.Start(); err != nil {
			t.Fatal(err)
		}
		ended := make(chan error, 1)
		go func() { ended <- server.Wait() }()
		stopped := false
		stop := func() {
			if stopped {
				return
			}
			stopped = true
			server.Process.Signal(syscall.SIGQUIT)
			if err := <-ended; err != nil || log.Len() > 0 {
				t.Errorf("%s: nginx: %v\n%s", run, err, &log)
			}
		}
		t.Cleanup(stop)
		waitFor(t, address)
		e2e.Output(t, "", openssl, "s_client", "-connect", address, "-servername", "web.example", "-CAfile", cert,
			"-verify_hostname", "web.example", "-verify_return_error")
		stop()
		before := e2e.Read(t, key)
		create("--reissue")
		if string(e2e.Read(t, key)) == string(before) {
			t.Error("the key is the same")
		}
	}
}
