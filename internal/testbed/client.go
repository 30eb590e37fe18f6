package testbed

import (
	"encoding/json"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/runtime/serializer"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
)

// Config returns what a kubeconfig file says, with no limit of the client's own on the rate of requests.
func Config(t testing.TB, kubeconfig string) *rest.Config {
	t.Helper()
	config, err := load(kubeconfig).ClientConfig()
	if err != nil {
		t.Fatal(err)
	}
	config.QPS = -1
	return config
}

// load returns what a kubeconfig file's current context means.
func load(kubeconfig string) clientcmd.ClientConfig {
	return clientcmd.NewNonInteractiveDeferredLoadingClientConfig(&clientcmd.ClientConfigLoadingRules{ExplicitPath: kubeconfig}, nil)
}

// restClient returns a client for JSON of any kind.
func restClient(config *rest.Config) (*rest.RESTClient, error) {
	config = rest.CopyConfig(config)
	config.WarningHandler = rest.NoWarnings{} // a result carries its warnings
	scheme := runtime.NewScheme()
	metav1.AddToGroupVersion(scheme, schema.GroupVersion{Version: "v1"}) // for the server's errors
	config.NegotiatedSerializer = serializer.NewCodecFactory(scheme).WithoutConversion()
	return rest.UnversionedRESTClientFor(config)
}

// Create creates an object under an API path like "/api/v1/namespaces/x/secrets", as the administrator, and
// returns it as the server has it.
func Create[T any](t testing.TB, c *Cluster, path string, object T) T {
	t.Helper()
	body, err := json.Marshal(object)
	if err != nil {
		t.Fatal(err)
	}
	return decode[T](t, c.Admin.Post().AbsPath(path).Body(body).Do(t.Context()))
}

// Get reads an object as the administrator.
func Get[T any](t testing.TB, c *Cluster, path string) T {
	t.Helper()
	return decode[T](t, c.Admin.Get().AbsPath(path).Do(t.Context()))
}

func decode[T any](t testing.TB, result rest.Result) (object T) {
	t.Helper()
	data, err := result.Raw()
	if err != nil {
		t.Fatal(result.Error()) // says more than err
	}
	if err := json.Unmarshal(data, &object); err != nil {
		t.Fatal(err)
	}
	return object
}
