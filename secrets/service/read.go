package service

import (
	"context"
	"fmt"
	"net/url"

	"golang.org/x/sync/errgroup"
	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/labels"

	"certgen/secrets/bundle"
	"certgen/secrets/cluster"
)

// ReadAccess lists every way to a Service. Nothing is dialled: [CheckReachable] does that. Who may not read the
// endpoints or the nodes gets the rest, with a note.
func ReadAccess(ctx context.Context, c *cluster.Cluster, namespace, service string, o AccessOptions) (*Access, error) {
	f, err := readAccessFacts(ctx, c, namespace, service)
	if err != nil {
		return nil, c.Denied(ctx, err, rightsToAccess(namespace, service))
	}
	return accessOf(f, o), nil
}

// accessFacts reads what [accessOf] needs.
func readAccessFacts(ctx context.Context, c *cluster.Cluster, namespace, service string) (accessFacts, error) {
	f := accessFacts{server: serverURL(c)}
	ref := cluster.Reference{Kind: "Service", Namespace: namespace, Name: service, Group: "v1"}
	live, err := cluster.ReadObject[corev1.Service](ctx, c, ref)
	if err != nil {
		return f, err
	}
	if live == nil {
		return f, &cluster.Refusal{Ref: ref.String(), Reason: "there is none in namespace " + namespace, Hint: "kubectl get services -A lists those that there are", Missing: &ref}
	}
	f.service = *live
	if f.service.Spec.Type == corev1.ServiceTypeExternalName {
		return f, nil
	}
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error {
		var err error
		f.endpoints, err = readEndpoints(ctx, c, namespace, service)
		f.unknown.endpoints, err = denied(err)
		return err
	})
	if usesNodePorts(f.service) {
		group.Go(func() error {
			var list corev1.NodeList
			err := c.ReadList(ctx, cluster.Reference{Kind: "Node", Group: "v1"}, nil, &list)
			f.nodes = list.Items
			f.unknown.nodes, err = denied(err)
			if err != nil {
				return fmt.Errorf("list the nodes: %w", err)
			}
			return nil
		})
	}
	group.Go(func() error {
		client, err := c.Get(ctx, cluster.Reference{Kind: "Deployment", Namespace: namespace, Name: bundle.CurlName, Group: "apps/v1"})
		f.client = client != nil
		_, err = denied(err)
		return err
	})
	err = group.Wait()
	return f, err
}

// rightsToAccess are what [ReadAccess] takes to tell all.
func rightsToAccess(namespace, service string) []cluster.Right {
	return []cluster.Right{
		{Verb: "get", On: cluster.Reference{Kind: "Service", Namespace: namespace, Name: service, Group: "v1"}},
		{Verb: "list", On: cluster.Reference{Kind: "EndpointSlice", Namespace: namespace, Group: discoveryv1.SchemeGroupVersion.String()}},
		{Verb: "list", On: cluster.Reference{Kind: "Node", Group: "v1"}},
	}
}

// rightsToVerify are what [VerifyService] takes to see all. Which Secrets and ConfigMaps it reads, the pods tell.
func rightsToVerify(namespace, service string) []cluster.Right {
	in := func(kind string) cluster.Reference {
		return cluster.Reference{Kind: kind, Namespace: namespace, Group: "v1"}
	}
	return append(rightsToAccess(namespace, service),
		cluster.Right{Verb: "list", On: in("Pod")},
		cluster.Right{Verb: "get", On: in("Secret")},
		cluster.Right{Verb: "get", On: in("ConfigMap")},
		cluster.Right{Verb: "create", On: in("Pod"), Subresource: "portforward"},
	)
}

func usesNodePorts(s corev1.Service) bool {
	for _, p := range s.Spec.Ports {
		if p.NodePort != 0 {
			return true
		}
	}
	return false
}

// denied splits off the error of somebody who may not read something.
func denied(err error) (bool, error) {
	if apierrors.IsForbidden(err) {
		return true, nil
	}
	return false, err
}

// endpoints reads what is behind a Service.
func readEndpoints(ctx context.Context, c *cluster.Cluster, namespace, service string) ([]endpoint, error) {
	var list discoveryv1.EndpointSliceList
	all := cluster.Reference{Kind: "EndpointSlice", Namespace: namespace, Group: discoveryv1.SchemeGroupVersion.String()}
	if err := c.ReadList(ctx, all, labels.Set{discoveryv1.LabelServiceName: service}, &list); err != nil {
		return nil, fmt.Errorf("list the EndpointSlices of %s: %w", service, err)
	}
	return endpointsOf(list.Items), nil
}

// server is the address of the API server, without credentials.
func serverURL(c *cluster.Cluster) *url.URL {
	address := *c.Client.Get().AbsPath("/").URL()
	address.User, address.RawQuery = nil, "" // the query is the client's time limit
	return &address
}
