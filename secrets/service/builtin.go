package service

import (
	"context"
	"fmt"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/labels"

	"certgen/secrets/cluster"
)

// BuiltInNamespace is where a cluster has its own Services.
const BuiltInNamespace = "kube-system"

// builtInLabel marks them; kubectl cluster-info asks for it, too.
const builtInLabel = "kubernetes.io/cluster-service"

// BuiltIns are the API server and the cluster's own Services.
type BuiltIns struct {
	ControlPlane string    `json:"controlPlane"` // the URL of the API server
	Services     []*Access `json:"services"`     // with their load balancers and proxies only
}

// ReadBuiltIns lists what kubectl cluster-info does, with every port of the Services.
func ReadBuiltIns(ctx context.Context, c *cluster.Cluster, namespace string, o AccessOptions) (*BuiltIns, error) {
	server := serverURL(c)
	built := &BuiltIns{ControlPlane: strings.TrimSuffix(server.String(), "/"), Services: []*Access{}}
	var list corev1.ServiceList
	if err := c.ReadList(ctx, cluster.Reference{Kind: "Service", Namespace: namespace, Group: "v1"}, labels.Set{builtInLabel: "true"}, &list); err != nil {
		return nil, fmt.Errorf("list the Services of namespace %s: %w", namespace, err)
	}
	for _, service := range list.Items {
		l := newPathList(accessFacts{service: service, server: server}, o)
		l.loadBalancers()
		for _, p := range l.ports {
			path := l.proxy(*p)
			if p.Protocol != corev1.ProtocolTCP {
				path.Usable, path.Why = UsableNo, "the proxy speaks HTTP over TCP"
			}
			l.add(path)
		}
		built.Services = append(built.Services, l.access)
	}
	return built, nil
}
