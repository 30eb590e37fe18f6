//go:build linux

package local

import (
	"encoding/json"
	"encoding/pem"
	"flag"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/tools/clientcmd"
	"k8s.io/client-go/tools/clientcmd/api"

	"certgen/internal/e2e"
)

var listed = flag.Int("listed", 5_000, "how many Secrets BenchmarkList lists")

// kept are Secrets as a server keeps them, each of 50 with a pair of its own.
func kept(b *testing.B, algorithm string) (all []corev1.Secret) {
	b.Helper()
	for i := range 50 {
		dir := e2e.CreatePEM(b, "x", "--dns", fmt.Sprintf("web-%d.shop.svc", i), "--key-algorithm", algorithm)
		read := func(name string) []byte {
			data, err := os.ReadFile(filepath.Join(dir, name))
			if err != nil {
				b.Fatal(err)
			}
			return data
		}
		all = append(all, corev1.Secret{
			ObjectMeta: metav1.ObjectMeta{
				Labels:        map[string]string{"app.kubernetes.io/managed-by": "certgen"},
				ManagedFields: []metav1.ManagedFieldsEntry{{Manager: "certgen", Operation: "Apply", FieldsV1: &metav1.FieldsV1{Raw: []byte(strings.Repeat(`{"f:data":{"f:tls.crt":{}}}`, 10))}}},
			},
			Type: corev1.SecretTypeTLS,
			Data: map[string][]byte{"tls.crt": read("tls.crt"), "tls.key": read("tls.key"), "ca.crt": read("ca.crt")},
		})
	}
	return all
}

// serveSecrets is an API server that has n Secrets in 500 namespaces and nothing else, in protobuf and by pages.
func serveSecrets(b *testing.B, all []corev1.Secret, n int) (kubeconfig string) {
	b.Helper()
	server := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/api/v1/secrets" {
			w.Header().Set("Content-Type", "application/json")
			w.WriteHeader(http.StatusNotFound)
			json.NewEncoder(w).Encode(metav1.Status{TypeMeta: metav1.TypeMeta{Kind: "Status", APIVersion: "v1"}, Status: metav1.StatusFailure, Reason: metav1.StatusReasonNotFound, Code: http.StatusNotFound})
			return
		}
		from, _ := strconv.Atoi(r.URL.Query().Get("continue"))
		limit, _ := strconv.Atoi(r.URL.Query().Get("limit"))
		page := corev1.SecretList{}
		for i := from; i < min(n, from+limit); i++ {
			s := all[i%len(all)]
			s.Namespace, s.Name = fmt.Sprintf("namespace-%03d", i*500/n), fmt.Sprintf("web-%06d-tls", i)
			page.Items = append(page.Items, s)
		}
		if from+limit < n {
			page.Continue = strconv.Itoa(from + limit)
		}
		raw, err := page.Marshal()
		if err != nil {
			panic(err)
		}
		body, err := (&runtime.Unknown{TypeMeta: runtime.TypeMeta{APIVersion: "v1", Kind: "SecretList"}, Raw: raw}).Marshal()
		if err != nil {
			panic(err)
		}
		w.Header().Set("Content-Type", runtime.ContentTypeProtobuf)
		w.Write([]byte("k8s\x00"))
		w.Write(body)
	}))
	b.Cleanup(server.Close)
	config := api.NewConfig()
	config.Clusters["x"] = &api.Cluster{Server: server.URL, CertificateAuthorityData: pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})}
	config.AuthInfos["x"] = &api.AuthInfo{Token: "none"}
	config.Contexts["x"] = &api.Context{Cluster: "x", AuthInfo: "x"}
	config.CurrentContext = "x"
	kubeconfig = filepath.Join(b.TempDir(), "kubeconfig")
	if err := clientcmd.WriteToFile(*config, kubeconfig); err != nil {
		b.Fatal(err)
	}
	return kubeconfig
}

// BenchmarkList lists many Secrets of a server that takes no time to speak of: what certgen itself takes of processor and
// memory. The limit holds where CERTGEN_TEST_BARS=1 says so; with -listed 50000 it is that of a large cluster.
func BenchmarkList(b *testing.B) {
	const most = 80 // MB
	for _, algorithm := range []string{"ecdsa", "rsa"} {
		b.Run(algorithm, func(b *testing.B) {
			kubeconfig := serveSecrets(b, kept(b, algorithm), *listed)
			var processor, elapsed time.Duration
			var memory int64
			for b.Loop() {
				cmd := exec.CommandContext(b.Context(), e2e.Certgen(b), "list", "-A", "--kubeconfig", kubeconfig)
				start := time.Now()
				out, err := cmd.Output()
				if err != nil || strings.Count(string(out), "\n") != *listed+1 {
					b.Fatalf("%v, %d lines", err, strings.Count(string(out), "\n"))
				}
				elapsed += time.Since(start)
				processor += cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()
				memory = max(memory, cmd.ProcessState.SysUsage().(*syscall.Rusage).Maxrss*1024)
			}
			b.ReportMetric(0, "ns/op")
			b.ReportMetric(float64(processor.Microseconds())/float64(b.N)/float64(*listed), "cpu-µs/Secret")
			b.ReportMetric(float64(elapsed.Microseconds())/float64(b.N)/float64(*listed), "µs/Secret")
			b.ReportMetric(float64(memory)/1e6, "peak-MB")
			if os.Getenv("CERTGEN_TEST_BARS") == "1" && memory > most*1e6 {
				b.Errorf("%d Secrets take %d MB, want at most %d", *listed, memory/1e6, most)
			}
		})
	}
}
