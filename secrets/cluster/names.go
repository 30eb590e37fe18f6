package cluster

import (
	"context"
	"encoding/json"
	"fmt"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/rest"
)

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
