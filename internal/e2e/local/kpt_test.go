package local

import (
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"

	"certgen/internal/e2e"
	"certgen/internal/testbed"
	"certgen/secrets/bundle"
)

// TestKpt has kpt run certgen krm on the folder of the kustomize example, twice.
func TestKpt(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		testbed.Missing(t, "kpt is not for Windows")
	}
	program := testbed.Program{Name: "kpt", Dir: "kpt", Module: "github.com/kptdev/kpt", Package: "."}.Path(t)
	dir := t.TempDir()
	path := filepath.Join(dir, "shop.yaml")
	source := e2e.Read(t, filepath.Join(testbed.Data(t, ".."), "docs", "examples", "kustomize", "shop.yaml"))
	kept := filepath.Join(t.TempDir(), "secrets")
	eval := func() (string, e2e.Result) {
		e2e.Write(t, path, source)
		r := e2e.Execute(t, "", program, "eval", dir, "--exec", e2e.Certgen(t)+" krm", "--", "out="+kept)
		return string(e2e.Read(t, path)), r
	}
	first, r := eval()
	if r.Code != 0 {
		t.Fatalf("exit code %d\n%s%s", r.Code, r.Stdout, r.Stderr)
	}
	documents := strings.Split(first, "\n---\n")
	if len(documents) != 2 {
		t.Fatalf("%d documents:\n%s", len(documents), first)
	}
	secret := e2e.Decode[corev1.Secret](t, documents[1])
	if sum := bundle.CertificateChecksum + ": " + bundle.Checksum(secret.Data[corev1.TLSCertKey]); secret.Name != "web-tls" || !strings.Contains(strings.ReplaceAll(documents[0], `"`, ""), sum) {
		t.Errorf("no %s in\n%s", sum, first)
	}
	if again, _ := eval(); again != first {
		t.Errorf("a second run gives\n%s\nwant\n%s", again, first)
	}
	source = []byte(strings.Replace(string(source), "dnsNames", "dnsName", 1))
	if after, r := eval(); r.Code == 0 || after != string(source) || !strings.Contains(r.Stdout+r.Stderr, `spec.dnsName is not a field of CertificateSpec; did you mean "dnsNames"?`) {
		t.Errorf("exit code %d\n%s%s\n%s", r.Code, r.Stdout, r.Stderr, after)
	}
}
