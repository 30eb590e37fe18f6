package cluster

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/rest"
)

// TestLoadSecretsAmongMany: of a namespace with many more Secrets than are asked for not all are listed.
func TestLoadSecretsAmongMany(t *testing.T) {
	t.Parallel()
	const present, asked = 10_000, 100
	var lists, reads atomic.Int32
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if name := strings.TrimPrefix(r.URL.Path, "/api/v1/namespaces/shop/secrets/"); name != r.URL.Path {
			reads.Add(1)
			w.Header().Set("Content-Type", "application/json")
			fmt.Fprintf(w, `{"apiVersion":"v1","kind":"Secret","metadata":{"namespace":"shop","name":%q}}`, name)
			return
		}
		lists.Add(1)
		from, _ := strconv.Atoi(r.URL.Query().Get("continue"))
		page := &corev1.SecretList{}
		for i := from; i < from+pageSize; i++ {
			page.Items = append(page.Items, corev1.Secret{})
			page.Items[i-from].Name = fmt.Sprintf("s%d", i)
		}
		if from+pageSize < present {
			page.Continue = strconv.Itoa(from + pageSize)
		}
		raw, _ := page.Marshal()
		data, _ := (&runtime.Unknown{Raw: raw}).Marshal()
		w.Header().Set("Content-Type", runtime.ContentTypeProtobuf)
		_, _ = w.Write(slices.Concat(protobufPrefix, data))
	}))
	t.Cleanup(server.Close)
	c, err := Connect(&rest.Config{Host: server.URL}, func(string) {})
	if err != nil {
		t.Fatal(err)
	}
	var names []SecretName
	for i := range asked { // half of them are on the first pages
		names = append(names, SecretName{"shop", fmt.Sprintf("s%d", i+i%2*(present-asked))})
	}
	found := map[string]bool{}
	err = c.LoadSecrets(t.Context(), names, func(name SecretName, read func() (*corev1.Secret, error)) error {
		live, err := read()
		found[name.Name] = live != nil && live.Name == name.Name
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		if !found[name.Name] {
			t.Errorf("%s was not found", name.Name)
		}
	}
	if lists.Load() > 3 || reads.Load() != asked/2 {
		t.Errorf("%d pages and %d reads", lists.Load(), reads.Load())
	}
}
