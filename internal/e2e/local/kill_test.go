//go:build linux

package local

import (
	"bufio"
	"crypto/tls"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"

	corev1 "k8s.io/api/core/v1"

	"certgen/internal/e2e"
	"certgen/internal/testbed"
)

// changes are the system calls that change what a later run finds. (Of those that open, only the ones that
// create are counted.)
const changes = "openat,write,pwrite64,fsync,fdatasync,ftruncate,fchmod,fchmodat,fchown,fsetxattr,fremovexattr,rename,renameat,renameat2,link,linkat,unlink,unlinkat,mkdirat"

// TestKilled kills certgen after each of its changes in turn. Whatever the moment, what has a final name is
// whole, and running the same command again completes.
func TestKilled(t *testing.T) {
	t.Parallel()
	testbed.Long(t, "runs certgen hundreds of times under strace")
	pem := []string{"ca.crt", "tls.crt", "tls.key"}
	manifests := filepath.Join(t.TempDir(), "manifests.yaml")
	e2e.Write(t, manifests, []byte(authorityAndLeaf))
	for name, test := range map[string]struct {
		first, killed []string // the spec flags of the run before, if any, and of the one that is killed
		files         []string
		whole         func(*testing.T, string)
		shared        bool // the files belong to another user, and a group may read them
		many          bool // the flags are those of a run with manifests
	}{
		"new manifest":   {nil, []string{"--out", "secret.yaml"}, []string{"secret.yaml"}, wholeManifest, false, false},
		"old manifest":   {[]string{"--out", "secret.yaml"}, []string{"--reissue", "--out", "secret.yaml"}, []string{"secret.yaml"}, wholeManifest, false, false},
		"new PEM folder": {nil, []string{"-o", "pem", "--out", "."}, pem, wholePEM, false, false},
		"old PEM folder": {[]string{"-o", "pem", "--out", "."}, []string{"--reissue", "-o", "pem", "--out", "."}, pem, wholePEM, false, false},
		"a server's":     {[]string{"-o", "pem", "--out", "."}, []string{"--reissue", "-o", "pem", "--out", "."}, pem, wholePEM, true, false},
		"manifests":      {nil, []string{"-f", manifests, "--out", "."}, []string{"ca.yaml", "web.yaml"}, wholeManifest, false, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if test.shared && os.Getuid() != 0 {
				testbed.Missing(t, "needs root, who gives files to others")
			}
			command := append([]string{e2e.Certgen(t), "create", "x", "--dns", "one.example"}, test.killed...)
			if test.many {
				command = slices.Delete(command, 2, 5)
			}
			before := func() string {
				dir := t.TempDir()
				if test.first != nil {
					runIn(t, dir, append([]string{e2e.Certgen(t), "create", "x", "--dns", "one.example"}, test.first...)...)
				}
				if test.shared {
					share(t, dir)
				}
				return dir
			}
			all := killAfter(t, before(), -1, command...)
			if all < 4*len(test.files) {
				t.Fatalf("%d changes: fewer than to create, write, sync and name each of %q", all, test.files)
			}
			for n := range all {
				t.Run(fmt.Sprint("after ", n), func(t *testing.T) {
					dir := before()
					old := map[string]string{}
					if test.first != nil {
						for _, file := range test.files {
							old[file] = string(e2e.Read(t, filepath.Join(dir, file)))
						}
					}
					killAfter(t, dir, n, command...)

					for _, entry := range entries(t, dir) {
						path := filepath.Join(dir, entry)
						if test.shared {
							checkShared(t, path)
						} else if info, err := os.Stat(path); err != nil || !strings.HasSuffix(entry, ".crt") && strings.Contains(string(e2e.Read(t, path)), "PRIVATE KEY") && info.Mode().Perm() != 0o600 {
							t.Errorf("%s: %v %v", entry, info.Mode(), err)
						}
					}
					for _, file := range test.files {
						was, there := old[file]
						content, err := os.ReadFile(filepath.Join(dir, file))
						if !there && errors.Is(err, fs.ErrNotExist) || there && err == nil && string(content) == was {
							continue
						}
						test.whole(t, filepath.Join(dir, file))
					}

					runIn(t, dir, command...)
					if got := entries(t, dir); strings.Join(got, " ") != strings.Join(test.files, " ") {
						t.Errorf("after the next run: %q, want %q", got, test.files)
					}
					if test.many {
						chained(t, dir)
					} else {
						consistent(t, dir)
					}
				})
			}
		})
	}
}

// authorityAndLeaf are a CA and what it signs.
const authorityAndLeaf = `apiVersion: cert-manager.io/v1
kind: Issuer
metadata: {name: self}
spec: {selfSigned: {}}
---
apiVersion: cert-manager.io/v1
kind: Certificate
metadata: {name: ca}
spec: {secretName: ca, isCA: true, commonName: ca, privateKey: {algorithm: ECDSA}, issuerRef: {name: self}}
---
apiVersion: cert-manager.io/v1
kind: Issuer
metadata: {name: ca}
spec: {ca: {secretName: ca}}
---
apiVersion: cert-manager.io/v1
kind: Certificate
metadata: {name: web}
spec: {secretName: web, dnsNames: [web.example], privateKey: {algorithm: ECDSA}, issuerRef: {name: ca}}
`

// chained checks that the CA in a folder has signed the certificate beside it.
func chained(t *testing.T, dir string) {
	t.Helper()
	paths := map[string]string{}
	for _, name := range []string{"ca", "web"} {
		wholeManifest(t, filepath.Join(dir, name+".yaml"))
		paths[name] = filepath.Join(dir, name+".crt")
		e2e.Write(t, paths[name], e2e.Decode[corev1.Secret](t, string(e2e.Read(t, filepath.Join(dir, name+".yaml")))).Data["tls.crt"])
	}
	e2e.Output(t, "", e2e.Need(t, "openssl"), "verify", "-x509_strict", "-CAfile", paths["ca"], paths["web"])
}

// sharedUser and sharedGroup are a user and a group that this machine need not know.
const sharedUser, sharedGroup = 23001, 23002

// share gives the files in a folder to a server's user, lets its group read them, and has the folder hand down more than that.
func share(t *testing.T, dir string) {
	t.Helper()
	for _, name := range entries(t, dir) {
		path := filepath.Join(dir, name)
		if err := errors.Join(os.Chown(path, sharedUser, sharedGroup), os.Chmod(path, 0o640)); err != nil {
			t.Fatal(err)
		}
	}
	runIn(t, dir, e2e.Need(t, "setfacl"), "-m", "d:u:23003:rwx,d:o::r", ".")
}

// checkShared looks at a file in such a folder. Under its final name it is as it was; a copy that a killed run left opens it to
// nobody else.
func checkShared(t *testing.T, path string) {
	t.Helper()
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	owner := info.Sys().(*syscall.Stat_t)
	as := fmt.Sprintf("%d:%d %04o", owner.Uid, owner.Gid, info.Mode().Perm())
	list := e2e.Output(t, "", e2e.Need(t, "getfacl"), "--omit-header", "--numeric", "--absolute-names", path)
	kept := as == fmt.Sprintf("%d:%d 0640", sharedUser, sharedGroup) && !strings.Contains(list, "23003")
	if staged := strings.HasPrefix(filepath.Base(path), "."); !kept && (!staged || info.Mode().Perm() != 0o600 || info.Size() > 0) {
		t.Errorf("%s: %s, %d bytes\n%s", path, as, info.Size(), list)
	}
}

// killAfter runs a command in dir, kills it after its nth change (never where n is negative) and returns the
// number of changes it made. strace holds each change up long enough to be killed before the next.
func killAfter(t *testing.T, dir string, n int, command ...string) (count int) {
	t.Helper()
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	cmd := exec.Command(e2e.Need(t, "strace"), append([]string{"-f", "-qqq", "-o", "/dev/fd/3", "-e", "trace=execve," + changes,
		"-e", "signal=none", "-e", "inject=" + changes + ":delay_enter=10ms"}, command...)...)
	var stderr strings.Builder
	cmd.Dir, cmd.Stderr, cmd.ExtraFiles = dir, &stderr, []*os.File{w}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	w.Close()
	begun := regexp.MustCompile(`^(\d+) +(\w+)\((.*)`)
	traced := false
	for lines := bufio.NewScanner(r); lines.Scan(); {
		call := begun.FindStringSubmatch(lines.Text())
		if call == nil {
			continue
		}
		traced = true
		if call[2] == "openat" && !strings.Contains(call[3], "O_CREAT") {
			continue
		}
		if call[2] != "execve" {
			count++
		}
		if count == n {
			pid, _ := strconv.Atoi(call[1])
			syscall.Kill(pid, syscall.SIGKILL)
			n = -1
		}
	}
	err = cmd.Wait()
	if !traced {
		testbed.Missing(t, "strace may not trace here: %v %s", err, &stderr)
	}
	return count
}

func runIn(t *testing.T, dir string, command ...string) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), command[0], command[1:]...)
	cmd.Dir = dir
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%s: %v\n%s", cmd, err, out)
	}
}

// entries returns the names in a folder, in order.
func entries(t *testing.T, dir string) (names []string) {
	t.Helper()
	list, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range list {
		names = append(names, entry.Name())
	}
	return names
}

func wholeManifest(t *testing.T, file string) {
	t.Helper()
	data := e2e.Decode[corev1.Secret](t, string(e2e.Read(t, file))).Data
	if _, err := tls.X509KeyPair(data["tls.crt"], data["tls.key"]); err != nil {
		t.Errorf("%s: %v", file, err)
	}
}

func wholePEM(t *testing.T, file string) {
	t.Helper()
	if strings.HasSuffix(file, ".key") {
		e2e.Output(t, "", e2e.Need(t, "openssl"), "pkey", "-in", file, "-check", "-noout")
	} else if len(e2e.Parse(t, file)) != 1 {
		t.Errorf("%s:\n%s", file, e2e.Read(t, file))
	}
}

// consistent checks that the pair in a folder is one.
func consistent(t *testing.T, dir string) {
	t.Helper()
	if manifest := filepath.Join(dir, "secret.yaml"); len(entries(t, dir)) == 1 {
		for name, content := range e2e.Decode[corev1.Secret](t, string(e2e.Read(t, manifest))).Data {
			e2e.Write(t, filepath.Join(dir, name), content)
		}
	}
	openssl, cert := e2e.Need(t, "openssl"), filepath.Join(dir, "tls.crt")
	e2e.Output(t, "", openssl, "verify", "-x509_strict", "-CAfile", filepath.Join(dir, "ca.crt"), cert)
	if e2e.Output(t, "", openssl, "x509", "-in", cert, "-noout", "-pubkey") != e2e.Output(t, "", openssl, "pkey", "-in", filepath.Join(dir, "tls.key"), "-pubout") {
		t.Error("the key is not the certificate's")
	}
}
