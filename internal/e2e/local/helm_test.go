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

// helm returns the Helm of a major version that testdata/helm pins.
func helm(t testing.TB, major string) string {
	t.Helper()
	if runtime.GOOS == "windows" {
		testbed.Missing(t, "the example's post-renderer is a shell script")
	}
	module := "helm.sh/helm/" + major
	return testbed.Program{Name: "helm-" + major, Dir: "helm", Module: module, Package: module + "/cmd/helm"}.Path(t)
}

// TestHelm runs the example with the real Helm: as a post-renderer of Helm 3, which is a program, and of Helm 4, which is a plugin.
func TestHelm(t *testing.T) {
	t.Parallel()
	example := filepath.Join(testbed.Data(t, ".."), "docs", "examples", "helm")
	bin := t.TempDir() // in which certgen has its own name
	if err := os.Symlink(e2e.Certgen(t), filepath.Join(bin, "certgen")); err != nil {
		t.Fatal(err)
	}
	// template renders the chart as a user does who has certgen in the PATH.
	template := func(t *testing.T, program string, args ...string) e2e.Result {
		t.Helper()
		env := []string{"PATH=" + bin + ":" + os.Getenv("PATH"), "HOME=" + t.TempDir(), "HELM_PLUGINS=" + example, program,
			"template", "web", filepath.Join(example, "shop"), "--namespace", "shop"}
		return e2e.Execute(t, "", "env", append(env, args...)...)
	}
	rendered := func(t *testing.T, program string, args ...string) string {
		t.Helper()
		r := template(t, program, args...)
		if r.Code != 0 {
			t.Fatalf("exit code %d\n%s%s", r.Code, r.Stdout, r.Stderr)
		}
		return r.Stdout
	}
	for major, postRenderer := range map[string]string{"v3": filepath.Join(example, "certgen", "post-render"), "v4": "certgen"} {
		t.Run(major, func(t *testing.T) {
			t.Parallel()
			program := helm(t, major)
			kept := filepath.Join(t.TempDir(), "web.yaml")
			args := []string{"--post-renderer", postRenderer, "--post-renderer-args", kept}
			first := rendered(t, program, args...)
			judgeRelease(t, first)
			if again := rendered(t, program, args...); again != first {
				t.Errorf("a second run gives %s\nwant %s", again, first)
			}
			if r := template(t, program, append(args, "--set", "duration=1d")...); r.Code == 0 || strings.Contains(r.Stdout, "kind:") {
				t.Errorf("exit code %d\n%s%s", r.Code, r.Stdout, r.Stderr)
			}
		})
	}
	t.Run("v3 without a file", func(t *testing.T) {
		t.Parallel()
		program := helm(t, "v3")
		args := []string{"--post-renderer", "certgen", "--post-renderer-args=create", "--post-renderer-args=-f", "--post-renderer-args=-"}
		judgeRelease(t, rendered(t, program, args...))
		r := template(t, program, append(args, "--set", "duration=1d")...)
		if want := `Certificate shop/web: duration "1d": Kubernetes has no days in a duration; write "24h"`; r.Code == 0 || !strings.Contains(r.Stderr, want) {
			t.Errorf("exit code %d, want %s\n%s", r.Code, want, r.Stderr)
		}
	})
}

// judgeRelease looks at what the chart renders: two Secrets, of a CA and of what it signed, and a Deployment with the checksum of the second.
func judgeRelease(t *testing.T, manifests string) {
	t.Helper()
	secrets := map[string]corev1.Secret{}
	var deployment string
	for _, doc := range strings.Split("\n"+manifests, "\n---\n") {
		switch {
		case strings.Contains(doc, "\nkind: Secret\n"):
			s := e2e.Decode[corev1.Secret](t, doc)
			secrets[s.Name] = s
		case strings.Contains(doc, "\nkind: Deployment\n"):
			deployment = doc
		case strings.Contains(doc, "kind:"):
			t.Errorf("left over:\n%s", doc)
		}
	}
	web := secrets["web-tls"]
	if len(secrets) != 2 || len(web.Data[corev1.TLSPrivateKeyKey]) == 0 || string(web.Data["ca.crt"]) != string(secrets["web-ca"].Data[corev1.TLSCertKey]) {
		t.Fatalf("not the two Secrets:\n%s", manifests)
	}
	if sum := bundle.CertificateChecksum + ": " + bundle.Checksum(web.Data[corev1.TLSCertKey]); !strings.Contains(strings.ReplaceAll(deployment, `"`, ""), sum) {
		t.Errorf("no %s in\n%s", sum, deployment)
	}
}
