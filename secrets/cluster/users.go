package cluster

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"certgen/secrets"
	"certgen/secrets/bundle"
)

// User is a Deployment, StatefulSet or DaemonSet whose pods use Secrets of a set.
type User struct {
	Ref     string
	Secrets []string          // those of the set that it uses, in the order of their names
	Labels  map[string]string // of its pods
	Stale   bool              // its pods do not have these certificates yet, as far as certgen has noted that

	live *unstructured.Unstructured
	sum  string // of the certificates
}

// Users are the workloads of a namespace that use any of the Secrets, whose certificates are given in PEM by the Secrets' names.
func (c *Cluster) Users(ctx context.Context, namespace string, certs map[string][]byte) (users []User, err error) {
	for _, kind := range WorkloadKinds {
		workloads, err := c.Workloads(ctx, kind, namespace)
		if err != nil {
			return nil, c.Denied(ctx, fmt.Errorf("list the %ss that use the Secrets: %w", kind, err), rightsToRestart(namespace))
		}
		for _, w := range workloads {
			user := User{Ref: referTo(w.Live).String(), Labels: w.Template.Labels, live: w.Live}
			var text []byte
			for _, name := range bundle.SecretsUsed(w.Template.Spec) { // in the order in which certgen create -f sums them up
				if cert, ok := certs[name]; ok {
					user.Secrets = append(user.Secrets, name)
					text = append(text, cert...)
				}
			}
			if len(user.Secrets) == 0 {
				continue
			}
			user.sum = bundle.Checksum(text)
			user.Stale = w.Template.Annotations[bundle.CertificateChecksum] != user.sum
			users = append(users, user)
		}
	}
	return users, nil
}

// RestartUser makes a workload replace its pods, as [Cluster.Restart] does. One that was deleted since is an error of the API.
func (c *Cluster) RestartUser(ctx context.Context, u User, o ApplyOptions) (Applied, error) {
	return c.restart(ctx, u.live, u.sum, o)
}

// Restarted takes the mark off a Secret that says that its users are to be restarted, as it was applied or read.
func (c *Cluster) Restarted(ctx context.Context, secret metav1.Object) error {
	return c.restarted(ctx, secretReference(secret.GetNamespace(), secret.GetName()), secret.GetResourceVersion())
}

// MarkedForRestart reports whether a Secret has a certificate that its users may not have, because a run was interrupted.
func MarkedForRestart(secret metav1.Object) bool {
	return secret.GetAnnotations()[restartAnnotation] != ""
}

// Owned is what of a Secret certgen's own applies have set, and the next must set again: else the server would remove it.
type Owned struct {
	Labels, Annotations map[string]string // without certgen's own
	Data                []string          // the keys
}

// OwnedBy reads that out of a Secret's managed fields. What others set is not among it.
func OwnedBy(secret *corev1.Secret) (owned Owned) {
	owned.Labels, owned.Annotations = map[string]string{}, map[string]string{}
	for _, entry := range secret.ManagedFields {
		if !byCertgen(entry) || entry.FieldsV1 == nil {
			continue
		}
		var set struct {
			Metadata struct {
				Labels      map[string]any `json:"f:labels"`
				Annotations map[string]any `json:"f:annotations"`
			} `json:"f:metadata"`
			Data map[string]any `json:"f:data"`
		}
		if json.Unmarshal(entry.FieldsV1.Raw, &set) != nil {
			continue
		}
		pick(owned.Labels, set.Metadata.Labels, secret.Labels)
		pick(owned.Annotations, set.Metadata.Annotations, secret.Annotations)
		for key := range secret.Data {
			if _, ours := set.Data["f:"+key]; ours {
				owned.Data = append(owned.Data, key)
			}
		}
	}
	slices.Sort(owned.Data)
	return owned
}

// pick copies what is in the set of fields.
func pick(into map[string]string, set map[string]any, from map[string]string) {
	for key, value := range from {
		if _, ours := set["f:"+key]; ours && !secrets.Own(key) && key != secrets.ManagedByLabel {
			into[key] = value
		}
	}
}
