package certmanager

import (
	"context"
	"encoding/json"
	"fmt"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"

	"certgen/secrets/cluster"
)

// Cluster is an API server in which issuers and Secrets are found that the input does not hold. cert-manager need not run there.
type Cluster struct{ Server *cluster.Cluster }

// Issuer reads an Issuer or a ClusterIssuer; nil where there is none, or no such kind.
func (c Cluster) Issuer(ctx context.Context, kind, namespace, name string) (*Issuer, error) {
	found, err := c.Server.Get(ctx, cluster.Reference{Kind: kind, Namespace: namespace, Name: name, Group: APIVersion})
	if apierrors.IsNotFound(err) {
		return nil, nil // cert-manager is not installed
	}
	if found == nil || err != nil {
		return nil, err
	}
	data, err := found.MarshalJSON()
	if err != nil {
		return nil, err
	}
	issuer := &Issuer{}
	if err := json.Unmarshal(data, issuer); err != nil {
		return nil, fmt.Errorf("read the server's answer: %w", err)
	}
	return issuer, nil
}

// Secret reads a Secret; nil where there is none.
func (c Cluster) Secret(ctx context.Context, namespace, name string) (*corev1.Secret, error) {
	return c.Server.GetSecret(ctx, namespace, name)
}
