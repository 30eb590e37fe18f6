package cluster

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/rest"
)

// Reference is where an object is in the API.
type Reference struct {
	Kind, Namespace, Name string
	Group                 string // "v1" or "apps/v1"
}

// referTo finds out where a typed or unstructured object belongs.
func referTo(obj runtime.Object) Reference {
	gvk := obj.GetObjectKind().GroupVersionKind()
	m, _ := meta.Accessor(obj) // every object here has metadata
	return Reference{gvk.Kind, m.GetNamespace(), m.GetName(), gvk.GroupVersion().String()}
}

// String names the object as kubectl does: "deployment.apps/my-nginx".
func (r Reference) String() string {
	kind := strings.ToLower(r.Kind)
	if group, _, ok := strings.Cut(r.Group, "/"); ok {
		kind += "." + group
	}
	return kind + "/" + r.Name
}

// path is the URL path of the object, or of all of its kind in the namespace where it has no name. What has
// no namespace belongs to the cluster.
func (r Reference) path() string {
	root := "/api/"
	if strings.Contains(r.Group, "/") {
		root = "/apis/"
	}
	path := root + r.Group
	if r.Namespace != "" {
		path += "/namespaces/" + r.Namespace
	}
	path += "/" + r.resource()
	if r.Name != "" {
		path += "/" + r.Name
	}
	return path
}

// resource is the plural by which the API knows the kind.
func (r Reference) resource() string {
	kind := strings.ToLower(r.Kind)
	if strings.HasSuffix(kind, "s") { // an Ingress
		kind += "e"
	}
	return kind + "s"
}

// metadataOnly asks for a list without what is in the objects, such as keys:
// https://kubernetes.io/docs/reference/using-api/api-concepts/#metadata-only-fetches
const metadataOnly = "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1"

// Names lists the names of all objects of a kind of the core API, such as Service, in a namespace; "" for a
// kind that belongs to the cluster.
func (c *Cluster) Names(ctx context.Context, kind, namespace string) ([]string, error) {
	all := Reference{Kind: kind, Namespace: namespace, Group: "v1"}
	data, _, err := c.do(ctx, func() *rest.Request {
		return c.Client.Get().AbsPath(all.path()).SetHeader("Accept", metadataOnly)
	})
	if err != nil {
		return nil, err
	}
	var list metav1.PartialObjectMetadataList
	if err := json.Unmarshal(data, &list); err != nil {
		return nil, fmt.Errorf("read the server's answer: %w", err)
	}
	var names []string
	for _, object := range list.Items {
		names = append(names, object.Name)
	}
	return names, nil
}
