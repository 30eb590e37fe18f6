package readers

import (
	"bufio"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"net"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"certgen/internal/e2e"
	"certgen/internal/testbed"
)

// keystoreForm is a form of keystore: the file to write, the flags that ask for it, Java's name for it, and
// the cipher that OpenSSL, if it reads it, finds in it.
type keystoreForm struct {
	file   string
	flags  []string
	java   string
	cipher string
}

func keystoreForms() []keystoreForm {
	return []keystoreForm{
		{"modern.p12", []string{"-o", "pkcs12"}, "PKCS12", "PBES2, PBKDF2, AES-256-CBC"},
		{"legacy.p12", []string{"-o", "pkcs12", "--pkcs12-legacy"}, "PKCS12", "pbeWithSHA1And3-KeyTripleDES-CBC"},
		{"store.jks", []string{"-o", "jks"}, "JKS", ""},
	}
}

// TestKeystores writes each type of key into each form of keystore. A Java server serves from it, and a
// client verifies the chain with the root alone; openssl and keytool read it.
func TestKeystores(t *testing.T) {
	t.Parallel()
	testbed.Long(t, "has Java and openssl read every kind of keystore")
	e2e.Need(t, "javac") // without which java runs no source
	const secret = "change me"
	password := filepath.Join(t.TempDir(), "password")
	e2e.Write(t, password, []byte(secret+"\n"))
	next := javaServer(t)
	for _, key := range e2e.KeyTypes() {
		args := append([]string{"x", "--dns", "one.example"}, key.Flags()...)
		dir := e2e.CreatePEM(t, append(args, e2e.Issuers(t, key.Algorithm)["three-level"]...)...)
		at := func(name string) string { return filepath.Join(dir, name) }
		roots := x509.NewCertPool()
		roots.AppendCertsFromPEM(e2e.Read(t, at("ca.crt")))
		for _, form := range keystoreForms() {
			name := form.file
			e2e.Create(t, append([]string{"x", "--cert", at("tls.crt"), "--key", at("tls.key"), "--ca", at("ca.crt"),
				"--keystore-password-file", password, "--out", at(name)}, form.flags...)...)
			conn, err := tls.Dial("tcp", net.JoinHostPort("127.0.0.1", next(form.java, at(name), secret)),
				&tls.Config{RootCAs: roots, ServerName: "one.example"})
			if err != nil {
				t.Fatalf("%s %s: %v", key.Name, name, err)
			}
			if hello, err := io.ReadAll(conn); string(hello) != "hello" {
				t.Errorf("%s %s: %q, %v", key.Name, name, hello, err)
			}
			conn.Close()
			if form.cipher != "" {
				r := e2e.Execute(t, "", e2e.Need(t, "openssl"), "pkcs12", "-info", "-in", at(name), "-passin", "file:"+password, "-noenc")
				certificates, keys := strings.Count(r.Stdout, "BEGIN CERTIFICATE"), strings.Count(r.Stdout, "BEGIN PRIVATE KEY")
				if r.Code != 0 || certificates != 3 || keys != 1 || strings.Count(r.Stderr, form.cipher) != 2 {
					t.Errorf("%s %s: openssl reads %d certificates and %d keys, exit %d:\n%s", key.Name, name, certificates, keys, r.Code, r.Stderr)
				}
			}
		}
		if key.Name != "P-256" {
			continue // a keytool takes a second to start, and the server has shown more
		}
		for _, form := range keystoreForms() {
			printed := e2e.Output(t, "", e2e.Need(t, "keytool"), "-list", "-keystore", at(form.file), "-storepass:file", password, "-J-Duser.language=en")
			if !strings.Contains(printed, "PrivateKeyEntry") || !strings.Contains(printed, "1 entry") {
				t.Errorf("%s: keytool -list prints\n%s", form.file, printed)
			}
		}
	}
}

// javaServer starts a server in Java that serves from one keystore after the other, and returns what tells it
// of the next, and returns its port.
func javaServer(t *testing.T) func(kind, file, password string) string {
	t.Helper()
	cmd := exec.Command(e2e.Need(t, "java"), append(javaFlags(), reader("Server.java"))...)
	stdin, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	var stderr strings.Builder
	cmd.Stderr = &stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		stdin.Close() // ends it, unless it waits for a client that never came
		late := time.AfterFunc(10*time.Second, func() { cmd.Process.Kill() })
		defer late.Stop()
		if err := cmd.Wait(); err != nil {
			t.Errorf("the server: %v\n%s", err, &stderr)
		}
	})
	answers := bufio.NewScanner(stdout)
	return func(kind, file, password string) string {
		t.Helper()
		fmt.Fprintf(stdin, "%s\t%s\t%s\n", kind, file, password)
		if !answers.Scan() {
			t.Fatalf("the server is gone at %s", file)
		}
		return answers.Text()
	}
}
