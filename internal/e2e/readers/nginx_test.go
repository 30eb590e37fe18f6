//go:build linux

package readers

import (
	"crypto/tls"
	"errors"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"

	"certgen/internal/e2e"
)

// mainConf is what an image's nginx.conf does for the bundle's default.conf, and no more: it names no user,
// because nginx runs as an ordinary one, and no writable place but the pid file's.
const mainConf = `
daemon off;
pid DIR/run/nginx.pid;
events {}
http { access_log off; include DIR/conf.d/*.conf; }
`

// TestNginx runs Debian's nginx on the bundle's default.conf and the Secret's files.
func TestNginx(t *testing.T) {
	t.Parallel()
	nginx, curl := e2e.Need(t, "nginx"), e2e.Need(t, "curl")
	docs := e2e.Documents(t, e2e.Create(t, "nginxsecret", "--bundle", "nginx"))
	secret := e2e.Decode[corev1.Secret](t, docs["Secret"])
	conf := e2e.Decode[corev1.ConfigMap](t, docs["ConfigMap"]).Data["default.conf"]

	dir := t.TempDir()
	http, https := freeAddress(t), freeAddress(t)
	// Where this machine has no /etc/nginx/ssl and no port 80 to give, the test has its own.
	for _, r := range []struct {
		old, new string
		count    int
	}{
		{" /tmp/", " " + dir + "/tmp/", 5},
		{"    listen 80;", "    listen " + http + ";", 1},
		{"    listen 443 ssl;", "    listen " + https + " ssl;", 1},
		{" /etc/nginx/ssl/", " " + dir + "/ssl/", 2},
	} {
		if n := strings.Count(conf, r.old); n != r.count {
			t.Fatalf("default.conf has %q %d times, want %d:\n%s", r.old, n, r.count, conf)
		}
		conf = strings.ReplaceAll(conf, r.old, r.new)
	}
	project(t, filepath.Join(dir, "conf.d"), map[string][]byte{"default.conf": []byte(conf)})
	project(t, filepath.Join(dir, "ssl"), secret.Data)
	project(t, filepath.Join(dir, "main"), map[string][]byte{"nginx.conf": []byte(strings.ReplaceAll(mainConf, "DIR", dir))})
	attr := unprivileged(t, dir, "tmp", "run")
	start := func(args ...string) (*exec.Cmd, *strings.Builder) {
		var log strings.Builder
		cmd := exec.Command(nginx, append([]string{"-e", "stderr", "-p", dir, "-c", filepath.Join(dir, "main", "nginx.conf")}, args...)...)
		cmd.SysProcAttr, cmd.Dir, cmd.Stdout, cmd.Stderr = attr, "/", &log, &log
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		return cmd, &log
	}

	check, log := start("-t")
	if err := check.Wait(); err != nil || strings.Count(log.String(), "\n") != 2 || strings.Contains(log.String(), "[") {
		t.Fatalf("nginx -t: %v\n%s", err, log)
	}
	server, log := start()
	t.Cleanup(func() {
		server.Process.Signal(syscall.SIGQUIT) // as the Deployment stops it
		if err := server.Wait(); err != nil || log.Len() > 0 {
			t.Errorf("nginx: %v\n%s", err, log)
		}
	})
	waitFor(t, https)

	ca := filepath.Join(t.TempDir(), "ca.crt")
	e2e.Write(t, ca, secret.Data["ca.crt"])
	names := e2e.Parse(t, ca)[0].DNSNames
	if len(names) != 4 {
		t.Errorf("names %q, want the Service's four", names)
	}
	_, port, _ := net.SplitHostPort(https)
	for _, name := range names {
		fetch := []string{"-sS", "--noproxy", "*", "--resolve", name + ":" + port + ":127.0.0.1", "https://" + name + ":" + port + "/"}
		if page := e2e.Output(t, "", curl, append(fetch, "--cacert", ca)...); !strings.Contains(page, "Welcome to nginx!") {
			t.Errorf("%s: %s", name, page)
		}
		if r := e2e.Execute(t, "", curl, fetch...); r.Code != 60 {
			t.Errorf("%s without ca.crt: exit %d, want 60 (peer certificate cannot be authenticated)", name, r.Code)
		}
	}
	if page := e2e.Output(t, "", curl, "-sS", "--noproxy", "*", "http://"+http+"/"); !strings.Contains(page, "Welcome to nginx!") {
		t.Errorf("http: %s", page)
	}

	for version, refusal := range map[uint16]string{
		tls.VersionTLS10: "remote error: tls: protocol version not supported",
		tls.VersionTLS11: "remote error: tls: protocol version not supported",
		tls.VersionTLS12: "",
		tls.VersionTLS13: "",
	} {
		got := ""
		if conn, err := tls.Dial("tcp", https, &tls.Config{MinVersion: version, MaxVersion: version, InsecureSkipVerify: true}); err != nil {
			got = err.Error()
		} else {
			conn.Close()
		}
		if got != refusal {
			t.Errorf("%s: %q, want %q", tls.VersionName(version), got, refusal)
		}
	}
}

// project lays out data as the kubelet mounts a Secret or ConfigMap, read-only: the names are links through
// ..data to a folder of this moment, so that all of them change at once.
func project(t *testing.T, dir string, data map[string][]byte) {
	t.Helper()
	const now = "..2026_01_02_03_04_05.1234567890"
	if err := os.MkdirAll(filepath.Join(dir, now), 0o755); err != nil {
		t.Fatal(err)
	}
	link := func(target, name string) {
		if err := os.Symlink(target, filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
	}
	link(now, "..data")
	for name, content := range data {
		e2e.Write(t, filepath.Join(dir, now, name), content)
		link("..data/"+name, name)
	}
}

// unprivileged prepares dir for a process that is not root's: it may read all of it and write to the named
// folders in it only. The attributes start a process as such a user.
func unprivileged(t *testing.T, dir string, writable ...string) *syscall.SysProcAttr {
	t.Helper()
	for _, name := range writable {
		if err := os.Mkdir(filepath.Join(dir, name), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	if os.Getuid() != 0 {
		return nil
	}
	nobody, err := user.Lookup("nobody")
	if err != nil {
		t.Fatal(err)
	}
	uid, _ := strconv.Atoi(nobody.Uid)
	gid, _ := strconv.Atoi(nobody.Gid)
	// The parent is the test's alone too: TempDir makes one for each test.
	if err := os.Chmod(filepath.Dir(dir), 0o711); err != nil {
		t.Fatal(err)
	}
	err = filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir():
			return os.Chmod(path, 0o555)
		case d.Type().IsRegular():
			return errors.Join(os.Chown(path, 0, gid), os.Chmod(path, 0o440))
		}
		return nil
	})
	for _, name := range writable {
		path := filepath.Join(dir, name)
		err = errors.Join(err, os.Chown(path, uid, gid), os.Chmod(path, 0o700))
	}
	if err != nil {
		t.Fatal(err)
	}
	return &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}}
}

// freeAddress returns an address of this machine's own on which nothing listens.
func freeAddress(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

func waitFor(t *testing.T, address string) {
	t.Helper()
	for deadline := time.Now().Add(10 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		conn, err := net.Dial("tcp", address)
		if err == nil {
			conn.Close()
			return
		}
		if time.Now().After(deadline) {
			t.Fatal(err)
		}
	}
}
