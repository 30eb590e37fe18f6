package cmd

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/spf13/cobra"

	"certgen/cmd/internal/cli"
	"certgen/internal/testbed"
)

// TestExamples runs every line of every command's examples as people paste it: in order, in a folder that
// holds what the examples speak of. Lines for a shell that this machine lacks run without it. A stub
// stands for kubectl; what an API server says to the manifests, and the commands that talk to one or to
// another server, are tested with real ones. A folder of the system's is one of the test's.
func TestExamples(t *testing.T) {
	t.Parallel()
	bash, err := exec.LookPath("bash")
	if err != nil {
		if os.Getenv("CERTGEN_TEST_ALL") == "1" {
			t.Fatal(err)
		}
		t.Skip("needs bash")
	}
	bin := t.TempDir()
	if out, err := exec.Command("go", "build", "-o", bin, "./certgen").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	testbed.WriteProgram(t, filepath.Join(bin, "kubectl"), "#!/bin/sh\nif [ $1 = get ]; then cat secrets.yaml; else cat > kubectl.in; fi\n")
	root := newRootCmd(cli.IOStreams{})
	for _, command := range allCommands(root) {
		dir := t.TempDir()
		pasted := func(line string) (string, int) {
			shell, script := shellOf(bash, strings.ReplaceAll(line, "/etc/nginx/ssl", "ssl"))
			run := exec.Command(shell[0], append(shell[1:], script)...)
			run.Dir = dir
			run.Env = append(os.Environ(), "PATH="+bin+string(os.PathListSeparator)+os.Getenv("PATH"), "HOME="+dir, cli.PasswordVariable+"=secret") // a person would be asked for it
			out, err := run.CombinedOutput()
			if exit := new(exec.ExitError); err != nil && !errors.As(err, &exit) {
				t.Fatalf("%s: %v", line, err)
			}
			return string(out), run.ProcessState.ExitCode()
		}
		writeExampleCA(t, dir)
		if out, code := pasted(exampleFiles); code != 0 {
			t.Fatalf("exit %d\n%s", code, out)
		}
		for line := range strings.SplitSeq(command.Example, "\n") {
			line = strings.TrimSpace(line)
			if line == "" || strings.HasPrefix(line, "#") || needsOthers(root, line) {
				continue
			}
			// The exit code 1 of verify says that it found something, such as a date that has passed.
			if out, code := pasted(line); code != 0 && !(code == 1 && command.Name() == "verify") {
				t.Errorf("%s: %s: exit %d\n%s", command.CommandPath(), line, code, out)
			}
		}
		if !strings.Contains(command.Example, "| kubectl apply --server-side") {
			continue
		}
		applied, err := os.ReadFile(filepath.Join(dir, "kubectl.in"))
		if err != nil || bytes.Count(applied, []byte("\nkind: ")) != 4 {
			t.Errorf("%s: kubectl got %v\n%s", command.CommandPath(), err, applied)
		}
	}
}

// exampleFiles makes the files that the examples speak of, beside those of writeExampleCA.
const exampleFiles = `
mkdir ssl
echo secret > password.txt
cp ca.crt company-root.crt
echo "server {}" > default.conf
certgen create web --dns web.example --ca-cert ca.crt --ca-key ca.key --cert-out web.crt --key-out web.key
certgen create nginxsecret --cert-out nginx.crt --key-out nginx.key
certgen create nginxsecret -o pem --out ssl
certgen create nginxsecret -o pkcs12 --keystore-password-file password.txt --out server.pfx
certgen create nginxsecret -o jks --keystore-password-file password.txt --out keystore.jks
certgen create nginxsecret --out secrets.yaml
echo '{"CN": "Example CA", "ca": {"pathlen": 1}}' > ca-csr.json
echo '{"CN": "web.example", "hosts": ["web.example"]}' > csr.json
echo '{"signing": {"profiles": {"www": {"usages": ["digital signature", "server auth"], "expiry": "8760h"}}}}' > ca-config.json
mkdir manifests requests
certgen create shop --dns shop.example.com -o csr --key-out shop-csr.key --out requests/shop.csr
certgen create client --uri spiffe://shop/web -o csr --key-out client.key --out client.csr
certgen create web --dns web.example -o cert-manager > manifests/web.yaml
printf 'apiVersion: config.kubernetes.io/v1\nkind: ResourceList\nitems: []\n' > resource-list.yaml
for name in a b c; do sed "1,/^  selfSigned/d; s/web/$name/" manifests/web.yaml > manifests/$name.yaml; done
`

// writeExampleCA makes a CA of its own, ca.crt and ca.key.
func writeExampleCA(t *testing.T, dir string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{Subject: pkix.Name{CommonName: "Example CA"}, NotAfter: time.Now().AddDate(1, 0, 0), BasicConstraintsValid: true, IsCA: true}
	cert, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	for name, data := range map[string][]byte{
		"ca.crt":       pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: cert}),
		"ca.key":       pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: private}),
		"default.conf": []byte("server {}\n"),
	} {
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// needsOthers reports whether a line is for a command that talks to a cluster or to a server.
func needsOthers(root *cobra.Command, line string) bool {
	words := strings.Fields(line)
	if words[0] != "certgen" {
		return false
	}
	command, _, err := root.Find(words[1:])
	if err != nil || command.Flags().Lookup("kubeconfig") == nil {
		return false
	}
	takesSources := command.Flags().Lookup("servername") != nil && !strings.HasPrefix(line, "certgen list -") // that lists a cluster
	return !takesSources || slices.ContainsFunc(words, func(word string) bool {
		_, _, err := net.SplitHostPort(word)
		return err == nil || strings.HasPrefix(word, "secret/") || strings.HasPrefix(word, "service/")
	})
}

// shellOf returns the shell that a line is for and what it is to run: the line, or where this machine has
// no such shell, certgen's part of it.
func shellOf(bash, line string) (shell []string, script string) {
	inBash := []string{bash, "-o", "pipefail", "-ec"}
	_, name, found := strings.Cut(line, "certgen completion ")
	if !found || strings.HasPrefix(name, "bash") {
		return inBash, line
	}
	name = name[:strings.IndexAny(name, " )")]
	program := name
	if name == "powershell" {
		program = "pwsh"
	}
	if path, err := exec.LookPath(program); err == nil {
		return []string{path, "-c"}, line
	}
	return inBash, "certgen completion " + name
}
