package cli

import (
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// TestCompletionNames: a shell gets the names without what is in the objects, and gets nothing from a server
// that refuses, talks nonsense or never answers.
func TestCompletionNames(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		answer http.HandlerFunc
		want   []string
	}{
		"names": {func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path != "/api/v1/namespaces/shop/secrets" || !strings.Contains(r.Header.Get("Accept"), "as=PartialObjectMetadataList") {
				t.Errorf("asks for %s, %s", r.URL.Path, r.Header.Get("Accept"))
			}
			io.WriteString(w, `{"items": [{"metadata": {"name": "a"}}, {"metadata": {"name": "b"}}]}`)
		}, []string{"a", "b"}},
		"refused":  {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusForbidden) }, nil},
		"nonsense": {func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "hello") }, nil},
		"silent":   {func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := httptest.NewServer(test.answer)
			defer server.Close()
			f := ClusterFlags{kubeconfig: filepath.Join(t.TempDir(), "config")}
			if err := os.WriteFile(f.kubeconfig, nil, 0o600); err != nil {
				t.Fatal(err)
			}
			f.overrides.ClusterInfo.Server = server.URL
			start := time.Now()
			if got := f.names(t.Context(), KindSecret, "shop"); !slices.Equal(got, test.want) {
				t.Errorf("%q, want %q", got, test.want)
			}
			if took := time.Since(start); took > 2*completionTimeout {
				t.Errorf("took %s", took)
			}
		})
	}
}
