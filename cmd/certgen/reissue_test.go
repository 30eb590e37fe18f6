//go:build linux

package main

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

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
	nginx, openssl := need(t, "nginx"), need(t, "openssl")
	dir := t.TempDir()
	address := freeAddress(t)
	write(t, filepath.Join(dir, "nginx.conf"), []byte(strings.NewReplacer("DIR", dir, "ADDRESS", address).Replace(`
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
		create(t, append([]string{"web", "--dns", "web.example", "--cert-out", cert, "--key-out", key}, flags...)...)
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
		output(t, "", openssl, "s_client", "-connect", address, "-servername", "web.example", "-CAfile", cert,
			"-verify_hostname", "web.example", "-verify_return_error")
		stop()
		before := read(t, key)
		create("--reissue")
		if string(read(t, key)) == string(before) {
			t.Error("the key is the same")
		}
	}
}

// TestReissueRefused: where the new files could not have the access of the old ones, or cannot take their place, both stay, and
// the user is told what to do.
func TestReissueRefused(t *testing.T) {
	t.Parallel()
	if os.Getuid() != 0 {
		testbed.Missing(t, "needs root, to be another user")
	}
	setpriv, unshare := need(t, "setpriv"), need(t, "unshare")
	dir := t.TempDir()
	binary := filepath.Join(dir, "certgen")
	write(t, binary, read(t, certgen(t)))
	// The parent is the test's alone too: TempDir makes one for each test.
	for _, path := range []string{filepath.Dir(dir), dir, binary} {
		if err := os.Chmod(path, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	for name, test := range map[string]struct {
		gid    int // the key's group; its owner is the one who re-issues
		run    []string
		stderr string
	}{
		"group": {0, []string{setpriv, "--reuid=23001", "--regid=23001", "--clear-groups"},
			"error: write KEY: cannot keep its group root: operation not permitted\n" +
				"hint: who reads the file may lose it: run the command as root (on Windows as administrator), or move the file away first\n"},
		"mount": {23001, []string{unshare, "--mount", "sh", "-c", `mount --bind "$0" "$0" && exec "$@"`, "KEY"},
			"error: write KEY: is mounted by itself, and cannot be replaced\n" +
				"hint: mount its folder instead of the file\n"},
	} {
		t.Run(name, func(t *testing.T) {
			folder := filepath.Join(dir, name)
			if err := os.Mkdir(folder, 0o755); err != nil {
				t.Fatal(err)
			}
			cert, key := filepath.Join(folder, "web.crt"), filepath.Join(folder, "web.key")
			command := []string{"create", "web", "--dns", "web.example", "--cert-out", cert, "--key-out", key}
			output(t, "", binary, command...)
			err := errors.Join(os.Chown(folder, 23001, 23001), os.Chown(cert, 23001, 23001), os.Chown(key, 23001, test.gid), os.Chmod(key, 0o640))
			if err != nil {
				t.Fatal(err)
			}
			before := string(read(t, cert)) + string(read(t, key))
			run := append(append(test.run, binary), append(command, "--reissue")...)
			for i := range test.run {
				run[i] = strings.ReplaceAll(run[i], "KEY", key)
			}
			r := execute(t, "", run[0], run[1:]...)
			if want := strings.ReplaceAll(test.stderr, "KEY", key); r.code != 1 || !strings.HasSuffix(r.stderr, want) {
				t.Errorf("exit %d, %s, want %s", r.code, r.stderr, want)
			}
			if string(read(t, cert))+string(read(t, key)) != before || len(entries(t, folder)) != 2 {
				t.Errorf("something changed: %q", entries(t, folder))
			}
		})
	}
}
