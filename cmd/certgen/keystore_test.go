package main

import (
	"bufio"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"net"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"
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
	need(t, "javac") // without which java runs no source
	const secret = "change me"
	password := filepath.Join(t.TempDir(), "password")
	write(t, password, []byte(secret+"\n"))
	next := javaServer(t)
	for _, key := range keyTypes() {
		args := append([]string{"x", "--dns", "one.example"}, key.flags()...)
		dir := createPEM(t, append(args, issuers(t, key.algorithm)["three-level"]...)...)
		at := func(name string) string { return filepath.Join(dir, name) }
		roots := x509.NewCertPool()
		roots.AppendCertsFromPEM(read(t, at("ca.crt")))
		for _, form := range keystoreForms() {
			name := form.file
			create(t, append([]string{"x", "--cert", at("tls.crt"), "--key", at("tls.key"), "--ca", at("ca.crt"),
				"--keystore-password-file", password, "--out", at(name)}, form.flags...)...)
			conn, err := tls.Dial("tcp", net.JoinHostPort("127.0.0.1", next(form.java, at(name), secret)),
				&tls.Config{RootCAs: roots, ServerName: "one.example"})
			if err != nil {
				t.Fatalf("%s %s: %v", key.name, name, err)
			}
			if hello, err := io.ReadAll(conn); string(hello) != "hello" {
				t.Errorf("%s %s: %q, %v", key.name, name, hello, err)
			}
			conn.Close()
			if form.cipher != "" {
				r := execute(t, "", need(t, "openssl"), "pkcs12", "-info", "-in", at(name), "-passin", "file:"+password, "-noenc")
				certificates, keys := strings.Count(r.stdout, "BEGIN CERTIFICATE"), strings.Count(r.stdout, "BEGIN PRIVATE KEY")
				if r.code != 0 || certificates != 3 || keys != 1 || strings.Count(r.stderr, form.cipher) != 2 {
					t.Errorf("%s %s: openssl reads %d certificates and %d keys, exit %d:\n%s", key.name, name, certificates, keys, r.code, r.stderr)
				}
			}
		}
		if key.name != "P-256" {
			continue // a keytool takes a second to start, and the server has shown more
		}
		for _, form := range keystoreForms() {
			printed := output(t, "", need(t, "keytool"), "-list", "-keystore", at(form.file), "-storepass:file", password, "-J-Duser.language=en")
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
	cmd := exec.Command(need(t, "java"), append(javaFlags(), reader("Server.java"))...)
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

// terminal runs certgen with a terminal for all its streams, and types the answer when the prompt appears. It
// returns all that the terminal showed.
func terminal(t *testing.T, prompt, answer string, args ...string) (shown string, err error) {
	t.Helper()
	line := []string{"'" + certgen(t) + "'"}
	for _, arg := range args {
		line = append(line, "'"+arg+"'")
	}
	return onTerminal(t, prompt, answer+"\n", strings.Join(line, " "))
}

// onTerminal is terminal for a line of the shell, and for an answer that may have no end.
func onTerminal(t *testing.T, prompt, answer, line string) (shown string, err error) {
	t.Helper()
	if runtime.GOOS != "linux" {
		t.Skip("needs the script of util-linux")
	}
	cmd := exec.CommandContext(t.Context(), need(t, "script"), "-qefc", line, "/dev/null")
	stdin, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	late := time.AfterFunc(time.Minute, func() { cmd.Process.Kill() })
	defer late.Stop()
	for buffer := make([]byte, 4096); ; {
		n, readErr := stdout.Read(buffer)
		shown += string(buffer[:n])
		if prompt != "" && strings.Contains(shown, prompt) {
			time.Sleep(time.Second) // what is typed between the prompt and the end of the echo is shown
			io.WriteString(stdin, answer)
			prompt = ""
		}
		if readErr != nil {
			return shown, cmd.Wait()
		}
	}
}

// TestTerminal: on a terminal a password is asked for, and not shown as it is typed; a keystore is not
// printed there.
func TestTerminal(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	at := func(name string) string { return filepath.Join(dir, name) }
	write(t, at("password"), []byte("sesame\n"))
	keystore := []string{"create", "x", "--dns", "one.example", "-o", "pkcs12", "--keystore-password-file", at("password")}
	output(t, "", certgen(t), append(keystore, "--out", at("x.p12"))...)

	shown, err := terminal(t, "Password of the PKCS#12 file: ", "sesame", "inspect", at("x.p12"))
	if err != nil || strings.Contains(shown, "sesame") || !strings.Contains(shown, "one.example") {
		t.Errorf("inspect on a terminal: %v\n%s", err, shown)
	}
	bring := []string{"create", "x", "--pkcs12", at("x.p12"), "-o", "pem", "--out", dir}
	shown, err = terminal(t, "Password of the PKCS#12 file: ", "sesame", bring...)
	if err != nil || strings.Contains(shown, "sesame") || !strings.Contains(shown, "tls.key written") {
		t.Errorf("create on a terminal: %v\n%s", err, shown)
	}
	shown, err = terminal(t, "Password of the PKCS#12 file: ", "wrong", bring...)
	if err == nil || !strings.Contains(shown, "the password is wrong") {
		t.Errorf("create with a wrong password: %v\n%s", err, shown)
	}
	shown, err = terminal(t, "", "", keystore...)
	if err == nil || !strings.Contains(shown, "error: -o pkcs12 is binary and does not belong on a terminal") || !strings.Contains(shown, "hint: name a file with --out") || strings.Contains(shown, "\x30\x82") {
		t.Errorf("a keystore on a terminal: %v\n%s", err, shown)
	}
}
