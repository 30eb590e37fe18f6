package service_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"

	"k8s.io/client-go/rest"

	"certgen/secrets/cluster"
	"certgen/secrets/service"
)

// The ways to a Service, as the API server of this example describes it.
func ExampleReadAccess() {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		switch r.URL.Path {
		case "/api/v1/namespaces/default/services/my-nginx":
			fmt.Fprint(w, `{"apiVersion": "v1", "kind": "Service", "metadata": {"name": "my-nginx", "namespace": "default"},
				"spec": {"type": "ClusterIP", "clusterIP": "10.0.162.149", "clusterIPs": ["10.0.162.149"], "selector": {"run": "my-nginx"},
				"ports": [{"name": "https", "port": 443, "protocol": "TCP", "targetPort": 443}]}}`)
		default:
			fmt.Fprint(w, `{"apiVersion": "v1", "kind": "List", "items": []}`)
		}
	}))
	defer server.Close()
	c, err := cluster.Connect(&rest.Config{Host: server.URL}, func(string) {})
	if err != nil {
		panic(err)
	}
	access, err := service.ReadAccess(context.Background(), c, "default", "my-nginx", service.AccessOptions{})
	if err != nil {
		panic(err)
	}
	for _, path := range access.Paths {
		if path.Kind == service.PathClusterIP || path.Kind == service.PathDNS {
			fmt.Println(path.Kind, path.Address)
		}
	}
	// Output:
	// cluster-ip 10.0.162.149:443
	// dns my-nginx:443
	// dns my-nginx.default:443
	// dns my-nginx.default.svc:443
	// dns my-nginx.default.svc.cluster.local:443
}
