//go:build linux

package local

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"certgen/internal/e2e"
	"certgen/internal/testbed"
)

// selfIssuer signs what the manifests of these tests ask for.
const selfIssuer = "apiVersion: cert-manager.io/v1\nkind: Issuer\nmetadata: {name: self}\nspec: {selfSigned: {}}\n"

func wantsCertificate(name string) string {
	return fmt.Sprintf("---\napiVersion: cert-manager.io/v1\nkind: Certificate\nmetadata: {name: %s}\nspec: {secretName: %s, dnsNames: [%s.example], privateKey: {algorithm: ECDSA}, issuerRef: {name: self}}\n", name, name, name)
}

// TestHostileManifests: what is too large, too deep or leads nowhere is refused with its place, in little time and memory, and
// nothing is made of the rest.
func TestHostileManifests(t *testing.T) {
	t.Parallel()
	const levels = 200_000
	bomb := "a: &a {apiVersion: cert-manager.io/v1, kind: Certificate, metadata: {name: " + strings.Repeat("x", 100_000) + "}}\nkind: List\nitems: [" +
		strings.TrimSuffix(strings.Repeat("*a, ", 10_000), ", ") + "]\n"
	large := func(bytes int) string {
		return "apiVersion: cert-manager.io/v1\nkind: Certificate\nmetadata:\n  name: x\n  annotations:\n    a: " + strings.Repeat("x", bytes) + "\nspecs: {}\n"
	}
	loop := func(t *testing.T, path string) {
		if err := os.Symlink(filepath.Base(path), path); err != nil {
			t.Fatal(err)
		}
	}
	for name, test := range map[string]struct {
		text string
		make func(t *testing.T, path string) // in place of a file with the text
		want string
	}{
		"50 MB":           {large(50_000_000), nil, `bad.yaml:7:1: Certificate x: specs is not a field of Certificate; did you mean "spec"\?`},
		"over 64 MiB":     {large(64 << 20), nil, `bad.yaml: document 1, from line 1 on: .*67108864 bytes`},
		"aliases":         {"---\n" + bomb, nil, `bad.yaml:1: document 1, from line 1 on: its aliases make more than 8 times of what it holds`},
		"levels":          {"# cert-manager.io/\na: " + strings.Repeat("[", levels) + strings.Repeat("]", levels), nil, `bad.yaml:1: `},
		"levels of JSON":  {`{"apiVersion": "cert-manager.io/v1", "a": ` + strings.Repeat(`{"a":`, levels) + "1" + strings.Repeat("}", levels+1), nil, `bad.yaml:1: `},
		"a loop of links": {"", loop, `bad.yaml: too many levels of symbolic links`},
		"a folder":        {"", func(t *testing.T, path string) { os.Mkdir(path, 0o755) }, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			e2e.Write(t, filepath.Join(dir, "good.yaml"), []byte(selfIssuer+wantsCertificate("good")))
			if bad := filepath.Join(dir, "bad.yaml"); test.make != nil {
				test.make(t, bad)
			} else {
				e2e.Write(t, bad, []byte(test.text))
			}
			out := filepath.Join(dir, "out")
			limited := "ulimit -v 4000000; exec \"$@\"" // kB of addresses, of which Go takes some more than it uses
			r := e2e.Execute(t, "", "bash", "-c", limited, "bash", "timeout", "30", e2e.Certgen(t), "create", "-f", dir, "--out", out+"/")
			if test.want == "" {
				if r.Code != 0 {
					t.Errorf("exit code %d\n%s", r.Code, r.Stderr)
				}
				return
			}
			if r.Code != 1 || !regexp.MustCompile(test.want).MatchString(r.Stderr) || len(r.Stderr) > 2000 {
				t.Errorf("exit code %d, want %s\n%s", r.Code, test.want, r.Stderr[:min(len(r.Stderr), 2000)])
			}
			if _, err := os.Stat(out); err == nil {
				t.Error("something was made")
			}
		})
	}
}

// TestUnreadableManifest: of a hundred files one may not be read, and nothing is made of the others.
func TestUnreadableManifest(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	program := filepath.Join(dir, "certgen")
	e2e.Write(t, program, e2e.Read(t, e2e.Certgen(t)))
	in, out := filepath.Join(dir, "in"), filepath.Join(dir, "out")
	for _, folder := range []string{in, out} {
		if err := os.Mkdir(folder, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	e2e.Write(t, filepath.Join(in, "000.yaml"), []byte(selfIssuer))
	for i := range 99 {
		e2e.Write(t, filepath.Join(in, fmt.Sprintf("%03d.yaml", i+1)), []byte(wantsCertificate(fmt.Sprintf("c%d", i))))
	}
	command := []string{program, "create", "-f", in, "--out", out + "/"}
	as := []string{}
	if os.Getuid() == 0 { // who may read everything
		as = []string{e2e.Need(t, "setpriv"), "--reuid=nobody", "--regid=nogroup", "--clear-groups"}
	}
	for _, path := range []string{filepath.Dir(dir), dir, program, out} {
		mode := os.FileMode(0o755)
		if path == out {
			mode = 0o777
		}
		if err := os.Chmod(path, mode); err != nil {
			t.Fatal(err)
		}
	}
	files, _ := filepath.Glob(filepath.Join(in, "*.yaml"))
	for i, path := range files {
		mode := os.FileMode(0o644)
		if i == 50 {
			mode = 0
		}
		if err := os.Chmod(path, mode); err != nil {
			t.Fatal(err)
		}
	}
	run := append(as, command...)
	r := e2e.Execute(t, "", run[0], run[1:]...)
	if want := "error: " + filepath.Join(in, "050.yaml") + ": permission denied\n"; r.Code != 1 || r.Stderr != want {
		t.Errorf("exit code %d, want %s\n%s", r.Code, want, r.Stderr)
	}
	if left, _ := os.ReadDir(out); len(left) > 0 {
		t.Errorf("%d files were made", len(left))
	}
}

// TestFullDisk: the disk is full after some 500 of 1,000 certificates. What stands there is whole, and the next run, with room,
// keeps it and makes the rest.
func TestFullDisk(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	manifests := filepath.Join(dir, "manifests.yaml")
	var text strings.Builder
	text.WriteString(selfIssuer)
	for i := range 1000 {
		text.WriteString(wantsCertificate(fmt.Sprintf("c%d", i)))
	}
	e2e.Write(t, manifests, []byte(text.String()))
	const script = `
mkdir disk first second && mount -t tmpfs -o size=2000k none disk || { echo no disk; exit; }
"$CERTGEN" create -f manifests.yaml --out disk/ 2> first.txt
echo exit code $?
cp -a disk/. first
mount -o remount,size=64m disk
"$CERTGEN" create -f manifests.yaml --out disk/ 2> second.txt
echo exit code $?
cp -a disk/. second
`
	r := e2e.Execute(t, "", "env", "-C", dir, "CERTGEN="+e2e.Certgen(t), e2e.Need(t, "unshare"), "--mount", "sh", "-c", script)
	if r.Code != 0 || strings.Contains(r.Stdout, "no disk") {
		testbed.Missing(t, "needs to mount a file system: %s%s", r.Stdout, r.Stderr)
	}
	if r.Stdout != "exit code 1\nexit code 0\n" {
		t.Fatalf("%s%s", r.Stdout, r.Stderr)
	}
	first, second := entries(t, filepath.Join(dir, "first")), entries(t, filepath.Join(dir, "second"))
	if len(first) < 300 || len(first) > 700 || len(second) != 1000 {
		t.Errorf("%d files, then %d", len(first), len(second))
	}
	for _, name := range first {
		path := filepath.Join(dir, "first", name)
		wholeManifest(t, path)
		if string(e2e.Read(t, path)) != string(e2e.Read(t, filepath.Join(dir, "second", name))) {
			t.Errorf("%s was not kept", name)
		}
	}
	said, again := string(e2e.Read(t, filepath.Join(dir, "first.txt"))), string(e2e.Read(t, filepath.Join(dir, "second.txt")))
	if failed := regexp.MustCompile(`(?m)^error: manifests\.yaml:\d+:1: c\d+: write disk/c\d+\.yaml: no space left on device$`); len(failed.FindAllString(said, -1)) != 1000-len(first) {
		t.Errorf("first %s", said[max(0, len(said)-2000):])
	}
	if want := fmt.Sprintf("1000 Certificates, %d issued, %d kept\n", 1000-len(first), len(first)); !strings.HasSuffix(again, want) {
		t.Errorf("want %ssecond %s", want, again[max(0, len(again)-2000):])
	}
}
