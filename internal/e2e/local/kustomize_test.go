package local

import (
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"

	"certgen/internal/e2e"
	"certgen/internal/testbed"
	"certgen/secrets/bundle"
)

// kustomize returns the kustomize that testdata/kustomize pins.
func kustomize(t testing.TB) string {
	t.Helper()
	if runtime.GOOS == "windows" {
		testbed.Missing(t, "the example's function is a shell script")
	}
	const module = "sigs.k8s.io/kustomize/kustomize/v5"
	return testbed.Program{Name: "kustomize", Dir: "kustomize", Module: module, Package: module}.Path(t)
}

// example copies docs/examples/kustomize with a change, and returns the arguments that build it.
func example(t *testing.T, change *strings.Replacer) []string {
	t.Helper()
	dir := t.TempDir()
	source := filepath.Join(testbed.Data(t, ".."), "docs", "examples", "kustomize")
	files, err := os.ReadDir(source)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		path := filepath.Join(dir, f.Name())
		e2e.Write(t, path, []byte(change.Replace(string(e2e.Read(t, filepath.Join(source, f.Name()))))))
		if err := os.Chmod(path, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	return []string{"build", "--enable-alpha-plugins", "--enable-exec", dir}
}

// TestKustomize runs the example with the real kustomize.
func TestKustomize(t *testing.T) {
	t.Parallel()
	program := kustomize(t)
	script := strings.NewReplacer("exec certgen", "exec "+e2e.Certgen(t))

	t.Run("transformer", func(t *testing.T) {
		t.Parallel()
		build := example(t, script)
		first := e2e.Output(t, "", program, build...)
		if again := e2e.Output(t, "", program, build...); again != first {
			t.Errorf("a second build gives %s\nwant %s", again, first)
		}
		documents := strings.Split(first, "\n---\n")
		if len(documents) != 2 {
			t.Fatalf("%d documents:\n%s", len(documents), first)
		}
		secret := e2e.Decode[corev1.Secret](t, documents[0])
		sum := bundle.CertificateChecksum + ": " + bundle.Checksum(secret.Data[corev1.TLSCertKey])
		if secret.Name != "web-tls" || len(secret.Data[corev1.TLSPrivateKeyKey]) == 0 || !strings.Contains(documents[1], sum) {
			t.Errorf("no %s in\n%s", sum, first)
		}
		if strings.Contains(first, "config.kubernetes.io") || strings.Contains(first, "cert-manager.io/v1") {
			t.Errorf("left over:\n%s", first)
		}
	})
	t.Run("generator", func(t *testing.T) {
		t.Parallel()
		ca := filepath.Join(t.TempDir(), "ca.yaml")
		e2e.Output(t, "", e2e.Certgen(t), "ca", "create", "pki", "--out", ca)
		build := example(t, strings.NewReplacer("exec certgen krm", "exec "+e2e.Certgen(t)+" krm --ca-cert "+ca, "transformers:", "generators:", "resources:\n- shop.yaml\n", "",
			"apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: certgen", "apiVersion: cert-manager.io/v1\nkind: Certificate\nmetadata:\n  name: certgen",
			"data:\n  out: secrets", "spec: {secretName: made, dnsNames: [a.example], issuerRef: {name: company}}"))
		made := e2e.Output(t, "", program, build...)
		if secret := e2e.Decode[corev1.Secret](t, made); secret.Name != "made" || len(secret.Data[corev1.TLSCertKey]) == 0 || strings.Contains(made, "config.kubernetes.io") {
			t.Errorf("not the Secret:\n%s", made)
		}
	})
	t.Run("error", func(t *testing.T) {
		t.Parallel()
		build := example(t, strings.NewReplacer("exec certgen", "exec "+e2e.Certgen(t), "dnsNames", "dnsName"))
		r := e2e.Execute(t, "", program, build...)
		if r.Code == 0 || !strings.Contains(r.Stderr, `spec.dnsName is not a field of CertificateSpec; did you mean "dnsNames"?`) {
			t.Errorf("exit code %d, %s", r.Code, r.Stderr)
		}
	})
}
