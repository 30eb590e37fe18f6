package apiserver

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"certgen/internal/e2e"
	"certgen/internal/e2e/story"
	"certgen/internal/testbed"
)

// TestREADME runs every command of the README, in its order and in one folder, with the real kubectl and a
// real API server; and holds the output shown there against what is printed.
func TestREADME(t *testing.T) {
	e2e.Need(t, "bash")
	bed := testbed.Start(t)
	kubectl := testbed.KubectlPath(t)
	text, err := os.ReadFile("../../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	repository, err := filepath.Abs("../../..")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	ca := e2e.NewAuthority(t, "Example CA", "ecdsa", nil)
	flags := ca.Flags(t) // --ca-cert FILE --ca-key FILE
	e2e.Write(t, filepath.Join(dir, "ca.crt"), e2e.Read(t, flags[1]))
	e2e.Write(t, filepath.Join(dir, "ca.key"), e2e.Read(t, flags[3]))
	e2e.Create(t, append([]string{"shop", "--dns", "shop.example.com", "--cert-out", filepath.Join(dir, "shop.crt"), "--key-out", filepath.Join(dir, "shop.key")}, flags...)...)
	served := t.TempDir()
	e2e.Write(t, filepath.Join(served, "tls.crt"), e2e.Read(t, filepath.Join(dir, "shop.crt")))
	e2e.Write(t, filepath.Join(served, "tls.key"), e2e.Read(t, filepath.Join(dir, "shop.key")))
	shop := "127.0.0.1:" + e2e.Serve(t, served) + " --servername shop.example.com"
	released := filepath.Join(dir, ".local", "bin") // where the README unpacks it
	release := exec.Command("go", "run", "./internal/release", "-out", dir, "-platform", runtime.GOOS+"/"+runtime.GOARCH)
	release.Dir = repository
	release.Env = append(os.Environ(), "SOURCE_DATE_EPOCH=0")
	if out, err := release.CombinedOutput(); err != nil {
		t.Fatalf("%s: %v\n%s", release, err, out)
	}
	pods := story.NewStage(t, bed, "default")
	account := corev1.ServiceAccount{ObjectMeta: metav1.ObjectMeta{Name: "default"}}
	testbed.Create(t, bed, "/api/v1/namespaces/default/serviceaccounts", account) // which a controller makes elsewhere
	kubeconfig := testbed.NewProxy(t, bed.Kubeconfig(t, "default"), pods.Plan).Kubeconfig
	env := append(os.Environ(),
		"HOME="+dir, "KUBECONFIG="+kubeconfig, "KUBECACHEDIR="+filepath.Join(dir, ".kube"),
		"PATH="+strings.Join([]string{released, filepath.Dir(kubectl), os.Getenv("PATH")}, string(filepath.ListSeparator)),
		"GOFLAGS=", "GOPATH="+goEnv(t, "GOPATH"), "GOCACHE="+goEnv(t, "GOCACHE"), "GOMODCACHE="+goEnv(t, "GOMODCACHE"))
	here := strings.NewReplacer(`.\certgen.exe`, "certgen", "kubectl ", filepath.Base(kubectl)+" ", "linux_amd64", runtime.GOOS+"_"+runtime.GOARCH, "shop.example.com:443", shop)
	run := func(line, in string) string {
		cmd := exec.Command("bash", "-c", here.Replace(line))
		cmd.Dir, cmd.Env = in, env
		out, err := cmd.CombinedOutput()
		var exit *exec.ExitError
		found := strings.HasPrefix(line, "certgen diff") && errors.As(err, &exit) && exit.ExitCode() == 1
		if err != nil && !found {
			t.Errorf("%s: %v\n%s", line, err, out)
		}
		return string(out)
	}
	for _, fence := range e2e.Fences.FindAllStringSubmatch(string(text), -1) {
		language, block := fence[1], fence[2]
		if language == "console" {
			command, shown, _ := strings.Cut(block, "\n")
			got := run(strings.TrimPrefix(command, "$ "), dir)
			if language == "console" && !strings.HasSuffix(masked(got), masked(shown)) && !strings.HasPrefix(masked(got), masked(shown)) {
				t.Errorf("%s prints\n%s\nand the README shows\n%s", command, masked(got), masked(shown))
			}
			continue
		}
		if language == "bat" { // TestWindows runs these, and PowerShell's again
			continue
		}
		for line := range strings.Lines(block) {
			switch line = strings.TrimSpace(line); {
			case line == "go test ./...": // what runs this test
			case strings.HasPrefix(line, "go run "):
				run(line, repository)
			case strings.Contains(line, " --verify"):
				ran := make(chan error, 1)
				go func() {
					defer close(ran) // also where the test has failed in it
					ran <- pods.Run("my-nginx")
				}()
				run(line, dir)
				if err := <-ran; err != nil {
					t.Error(err)
				}
			default:
				run(line, dir)
			}
		}
	}
}

// masked hides what differs from run to run: dates, fingerprints and base64.
func masked(text string) string {
	for pattern, mask := range map[string]string{
		`\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ`: "DATE",
		`([0-9A-F]{2}:){31}[0-9A-F]{2}`:   "FINGERPRINT",
		`LS0t[A-Za-z0-9+/=]+…?`:           "BASE64",
	} {
		text = regexp.MustCompile(pattern).ReplaceAllString(text, mask)
	}
	return text
}

func goEnv(t *testing.T, name string) string {
	t.Helper()
	return strings.TrimSpace(e2e.Output(t, "", "go", "env", name))
}
