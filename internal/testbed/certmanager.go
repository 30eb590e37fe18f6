package testbed

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/tools/clientcmd"
)

// certManagerModule is what the real cert-manager comes from: its programs and its CRDs.
const certManagerModule = "github.com/cert-manager/cert-manager"

// CertManagerNamespace is where ClusterIssuers look for Secrets.
const CertManagerNamespace = "cert-manager"

// certManager returns the real cert-manager's controllers, validation and renewal times, as one program.
func certManager() Program {
	return Program{Name: "certmanager", Dir: "certmanager", Module: certManagerModule, Package: "."}
}

// CertManagerModule returns the folder of cert-manager's own module, which is downloaded if it is not there.
func CertManagerModule(t testing.TB) string {
	t.Helper()
	dir, err := testdata(certManager().Dir)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("go", "mod", "download", "-json", certManagerModule)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GOWORK=off")
	printed, err := cmd.Output()
	if err != nil {
		Missing(t, "needs the module %s: %v\n%s", certManagerModule, err, printed)
	}
	var module struct{ Dir string }
	if err := json.Unmarshal(printed, &module); err != nil {
		t.Fatal(err)
	}
	return module.Dir
}

// AskCertManager has the real cert-manager answer questions, a JSON value each, in the same order. About is
// "validate": objects, with the errors of its webhook, or "renewal": cases, with its renewal times
// (testdata/certmanager has both in words).
func AskCertManager[Q, A any](t testing.TB, about string, questions []Q) []A {
	t.Helper()
	var stdin, stderr bytes.Buffer
	encoder := json.NewEncoder(&stdin)
	for _, question := range questions {
		if err := encoder.Encode(question); err != nil {
			t.Fatal(err)
		}
	}
	cmd := exec.CommandContext(t.Context(), certManager().Path(t), about)
	cmd.Stdin, cmd.Stderr = &stdin, &stderr
	printed, err := cmd.Output()
	if err != nil {
		t.Fatalf("certmanager %s: %v\n%s", about, err, &stderr)
	}
	answers := make([]A, 0, len(questions))
	for decoder := json.NewDecoder(bytes.NewReader(printed)); decoder.More(); {
		var answer A
		if err := decoder.Decode(&answer); err != nil {
			t.Fatal(err)
		}
		answers = append(answers, answer)
	}
	if len(answers) != len(questions) {
		t.Fatalf("certmanager %s answered %d of %d questions\n%s", about, len(answers), len(questions), &stderr)
	}
	return answers
}

// InstallCertManager gives the API server cert-manager's kinds and the namespace of its Secrets. Nothing acts on them
// until [Cluster.StartCertManager].
func (c *Cluster) InstallCertManager(t testing.TB) {
	t.Helper()
	folder := filepath.Join(CertManagerModule(t), "deploy", "crds")
	files, err := filepath.Glob(filepath.Join(folder, "*.yaml"))
	if err != nil || len(files) == 0 {
		t.Fatalf("%d CRDs in %s, %v", len(files), folder, err)
	}
	for _, file := range files {
		definition, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		// A file is called GROUP_KINDS.yaml, and what it defines KINDS.GROUP.
		group, kinds, _ := strings.Cut(strings.TrimSuffix(filepath.Base(file), ".yaml"), "_")
		path := "/apis/apiextensions.k8s.io/v1/customresourcedefinitions/" + kinds + "." + group
		if err := c.Admin.Patch(types.ApplyYAMLPatchType).AbsPath(path).Param("fieldManager", bedUser).Body(definition).Do(t.Context()).Error(); err != nil {
			t.Fatal(err)
		}
		eventually(t, kinds+" are known", func() bool {
			return c.Admin.Get().AbsPath("/apis/"+group+"/v1/"+kinds).Do(t.Context()).Error() == nil
		})
	}
	Create(t, c, "/api/v1/namespaces", corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: CertManagerNamespace}})
}

// StartCertManager runs cert-manager's controllers until the test ends, or until stop is called. One at a time: they
// do not look for each other.
func (c *Cluster) StartCertManager(t testing.TB) (stop func()) {
	t.Helper()
	path := certManager().Path(t)
	config, err := c.kubeconfig("cert-manager", "default", adminGroup)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(c.dir, "certmanager.kubeconfig")
	if err := clientcmd.WriteToFile(*config, file); err != nil {
		t.Fatal(err)
	}
	p, err := launch(c.dir, "certmanager", exec.Command(path, "run", file))
	if err != nil {
		t.Fatal(err)
	}
	stop = p.kill
	t.Cleanup(func() {
		stop()
		if t.Failed() {
			t.Log(p.failure(fmt.Errorf("ran for a test that failed")))
		}
	})
	for end := time.Now().Add(time.Minute); ; time.Sleep(20 * time.Millisecond) {
		log, err := os.ReadFile(p.log)
		if err == nil && bytes.Contains(log, []byte("running\n")) {
			return stop
		}
		select {
		case <-p.ended:
			t.Fatal(p.failure(errEnded))
		default:
		}
		if time.Now().After(end) {
			t.Fatal(p.failure(fmt.Errorf("was not running after a minute")))
		}
	}
}
