package certmanager

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"

	"certgen/internal/testbed"
)

// apiPath returns where the API server keeps objects of a document's kind.
func apiPath(t testing.TB, doc object) string {
	t.Helper()
	metadata := doc["metadata"].(object)
	namespace, _ := metadata["namespace"].(string)
	switch doc["kind"] {
	case "Secret":
		return "/api/v1/namespaces/" + namespace + "/secrets"
	case "Certificate":
		return "/apis/cert-manager.io/v1/namespaces/" + namespace + "/certificates"
	case "Issuer":
		return "/apis/cert-manager.io/v1/namespaces/" + namespace + "/issuers"
	case "ClusterIssuer":
		return "/apis/cert-manager.io/v1/clusterissuers"
	}
	t.Fatalf("no path of kind %v", doc["kind"])
	return ""
}

// in gives each document that says no namespace the one given.
func in(namespace string, docs []object) []object {
	for _, doc := range docs {
		if metadata := doc["metadata"].(object); metadata["namespace"] == nil && doc["kind"] != "ClusterIssuer" {
			metadata["namespace"] = namespace
		}
	}
	return docs
}

// give creates objects in the API server.
func give(t testing.TB, c *testbed.Cluster, docs []object) {
	t.Helper()
	err := inParallel(docs, func(doc object) error { return create(t, c, doc, false) })
	if err != nil {
		t.Fatal(err)
	}
}

// create creates one object, or has the API server only say whether it would.
func create(t testing.TB, c *testbed.Cluster, doc object, dry bool) error {
	t.Helper()
	body, err := json.Marshal(doc)
	if err != nil {
		t.Fatal(err)
	}
	request := c.Admin.Post().AbsPath(apiPath(t, doc)).Param("fieldValidation", "Strict").Body(body)
	if dry {
		request = request.Param("dryRun", "All")
	}
	return request.Do(t.Context()).Error()
}

// status is what cert-manager says of a Certificate.
type status struct {
	Metadata struct{ Name string }
	Status   struct {
		NotBefore, NotAfter, RenewalTime string
		Conditions                       []struct{ Type, Status, Reason, Message string }
	}
}

func (s status) ready() bool {
	for _, condition := range s.Status.Conditions {
		if condition.Type == "Ready" {
			return condition.Status == "True"
		}
	}
	return false
}

// awaitReady waits until cert-manager has issued every Certificate of a namespace, and returns what it says of them.
func awaitReady(t testing.TB, c *testbed.Cluster, namespace string, patience time.Duration) []status {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	for {
		list := testbed.Get[struct{ Items []status }](t, c, "/apis/cert-manager.io/v1/namespaces/"+namespace+"/certificates")
		var waiting []string
		for _, s := range list.Items {
			if !s.ready() {
				waiting = append(waiting, fmt.Sprintf("%s: %+v", s.Metadata.Name, s.Status.Conditions))
			}
		}
		if len(waiting) == 0 {
			return list.Items
		}
		select {
		case <-ctx.Done():
			t.Fatalf("after %v, %d of %d Certificates are not ready:\n%s", patience, len(waiting), len(list.Items), strings.Join(waiting[:min(len(waiting), 20)], "\n"))
		case <-time.After(500 * time.Millisecond):
		}
	}
}

// awaitIssued waits until one Certificate is issued.
func awaitIssued(t testing.TB, c *testbed.Cluster, namespace, name string) {
	t.Helper()
	for end := time.Now().Add(time.Minute); ; time.Sleep(100 * time.Millisecond) {
		s := testbed.Get[status](t, c, "/apis/cert-manager.io/v1/namespaces/"+namespace+"/certificates/"+name)
		if s.ready() {
			return
		}
		if time.Now().After(end) {
			t.Fatalf("%s is not ready after a minute: %+v", name, s.Status.Conditions)
		}
	}
}

// secrets returns the Secrets of a namespace by their names.
func secrets(t testing.TB, c *testbed.Cluster, namespace string) map[string]corev1.Secret {
	t.Helper()
	byName := map[string]corev1.Secret{}
	for _, s := range testbed.Get[corev1.SecretList](t, c, "/api/v1/namespaces/"+namespace+"/secrets").Items {
		byName[s.Name] = s
	}
	return byName
}
