package apiserver

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"certgen/internal/e2e"
	"certgen/internal/testbed"
)

// forgotten answers as the API server does when a list has taken so long that its beginning is forgotten: with where to go on.
func forgotten(w http.ResponseWriter, r *http.Request, _ http.Handler) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(http.StatusGone)
	json.NewEncoder(w).Encode(metav1.Status{
		TypeMeta: metav1.TypeMeta{Kind: "Status", APIVersion: "v1"}, ListMeta: metav1.ListMeta{Continue: r.URL.Query().Get("continue")},
		Status: metav1.StatusFailure, Reason: metav1.StatusReasonExpired, Code: http.StatusGone, Message: "The provided continue parameter is too old",
	})
}

// TestListFaults: a list of many pages is whole, whatever happens between them, and each is asked for with a limit.
func TestListFaults(t *testing.T) {
	t.Parallel()
	c := testbed.Start(t)
	namespace := c.Namespace(t, nil)
	cert, err := os.ReadFile(filepath.Join(e2e.CreatePEM(t, "x", "--dns", "x.example"), "tls.crt"))
	if err != nil {
		t.Fatal(err)
	}
	const many = 120
	for i := range many {
		testbed.Create(t, c, "/api/v1/namespaces/"+namespace+"/secrets", corev1.Secret{
			ObjectMeta: metav1.ObjectMeta{Name: fmt.Sprintf("pair-%03d", i)}, Type: corev1.SecretTypeTLS,
			Data: map[string][]byte{"tls.crt": cert, "tls.key": cert},
		})
	}
	large := corev1.Secret{ObjectMeta: metav1.ObjectMeta{Name: "large"}, Data: map[string][]byte{"tls.crt": cert, "fill": make([]byte, 1_000_000)}}
	testbed.Create(t, c, "/api/v1/namespaces/"+namespace+"/secrets", large)
	for name, test := range map[string]struct {
		query string // what the requests have that the fault happens to
		fault testbed.Fault
		times int64
	}{
		"nothing":             {"none", nil, 0},
		"429":                 {"limit=", testbed.Answer(http.StatusTooManyRequests, 0), 2},
		"503 on a later page": {"continue=", testbed.Answer(http.StatusServiceUnavailable, 0), 2},
		"reset":               {"continue=", testbed.Reset(), 1},
		"a forgotten list":    {"continue=", forgotten, 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var happened atomic.Int64
			proxy := testbed.NewProxy(t, c.Kubeconfig(t, namespace), func(r *http.Request) testbed.Fault {
				if strings.Contains(r.URL.Path, "/secrets") && strings.Contains(r.URL.RawQuery, test.query) && happened.Add(1) <= test.times {
					return test.fault
				}
				return nil
			})
			r := discreet(t, e2e.Execute(t, "", e2e.Certgen(t), "list", "-o", "name", "--kubeconfig", proxy.Kubeconfig))
			if r.Code != 0 || strings.Count(r.Stdout, "secret/pair-") != many || strings.Count(r.Stdout, "secret/large") != 1 {
				t.Errorf("exit %d, %d of %d listed\n%s", r.Code, strings.Count(r.Stdout, "secret/pair-"), many, r.Stderr)
			}
			pages := 0
			for _, request := range proxy.Seen() {
				if strings.Contains(request, "/secrets?") {
					pages++
				}
				if strings.HasPrefix(request, "GET ") && !strings.Contains(request, "limit=") {
					t.Errorf("%s has no limit", request)
				}
			}
			if pages < 2 {
				t.Errorf("%d pages", pages)
			}
		})
	}
}
