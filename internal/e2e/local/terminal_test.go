package local

import (
	"path/filepath"
	"strings"
	"testing"

	"certgen/internal/e2e"
)

// TestTerminal: on a terminal a password is asked for, and not shown as it is typed; a keystore is not
// printed there.
func TestTerminal(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	at := func(name string) string { return filepath.Join(dir, name) }
	e2e.Write(t, at("password"), []byte("sesame\n"))
	keystore := []string{"create", "x", "--dns", "one.example", "-o", "pkcs12", "--keystore-password-file", at("password")}
	e2e.Output(t, "", e2e.Certgen(t), append(keystore, "--out", at("x.p12"))...)

	shown, err := e2e.Terminal(t, "Password of the PKCS#12 file: ", "sesame", "inspect", at("x.p12"))
	if err != nil || strings.Contains(shown, "sesame") || !strings.Contains(shown, "one.example") {
		t.Errorf("inspect on a terminal: %v\n%s", err, shown)
	}
	bring := []string{"create", "x", "--pkcs12", at("x.p12"), "-o", "pem", "--out", dir}
	shown, err = e2e.Terminal(t, "Password of the PKCS#12 file: ", "sesame", bring...)
	if err != nil || strings.Contains(shown, "sesame") || !strings.Contains(shown, "tls.key written") {
		t.Errorf("create on a terminal: %v\n%s", err, shown)
	}
	shown, err = e2e.Terminal(t, "Password of the PKCS#12 file: ", "wrong", bring...)
	if err == nil || !strings.Contains(shown, "the password is wrong") {
		t.Errorf("create with a wrong password: %v\n%s", err, shown)
	}
	shown, err = e2e.Terminal(t, "", "", keystore...)
	if err == nil || !strings.Contains(shown, "error: -o pkcs12 is binary and does not belong on a terminal") || !strings.Contains(shown, "hint: name a file with --out") || strings.Contains(shown, "\x30\x82") {
		t.Errorf("a keystore on a terminal: %v\n%s", err, shown)
	}
}

// TestNarrowTerminal: what is long goes on in the next line, between names.
func TestNarrowTerminal(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	line := "stty cols 80; '" + e2e.Certgen(t) + "' create x --service my-nginx -n production --dns shop.example.com --out '" + filepath.Join(dir, "x.yaml") + "'"
	shown, err := e2e.OnTerminal(t, "", "", line)
	const names = "  names        shop.example.com, my-nginx, my-nginx.production,\r\n" +
		"               my-nginx.production.svc, my-nginx.production.svc.cluster.local\r\n"
	if err != nil || !strings.Contains(shown, names) {
		t.Errorf("%v\n%s", err, shown)
	}
}
