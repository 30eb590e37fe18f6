package cluster_test

import (
	"fmt"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"certgen/secrets/cluster"
)

// What people are shown of a Secret has nothing secret in it.
func ExampleRedacted() {
	secret := &unstructured.Unstructured{Object: map[string]any{
		"apiVersion": "v1", "kind": "Secret", "metadata": map[string]any{"name": "web-tls", "resourceVersion": "7"},
		"data": map[string]any{"tls.key": "cHJpdmF0ZQ=="},
	}}
	shown := cluster.Redacted(secret)
	fmt.Println(shown.Object["metadata"], shown.Object["data"])
	// Output:
	// map[name:web-tls] map[tls.key:7 bytes]
}

func ExampleReference_String() {
	fmt.Println(cluster.Reference{Kind: "Deployment", Group: "apps/v1", Name: "my-nginx"})
	// Output:
	// deployment.apps/my-nginx
}
