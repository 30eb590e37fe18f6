package cluster

import (
	"context"
	"fmt"
	"slices"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/labels"

	"certgen/secrets/bundle"
)

// Serving names the Services in a namespace behind which pods mount a Secret, by the Secret's name and in the order of their
// own: what a Deployment, StatefulSet or DaemonSet runs, whose Services may serve the certificate in it.
func (c *Cluster) Serving(ctx context.Context, namespace string) (map[string][]string, error) {
	services := Reference{Kind: "Service", Namespace: namespace, Group: "v1"}
	rights := []Right{{Verb: "list", On: services}}
	var list corev1.ServiceList
	if err := c.ReadList(ctx, services, nil, &list); err != nil {
		return nil, c.Denied(ctx, fmt.Errorf("list the Services in namespace %s: %w", namespace, err), rights)
	}
	serving := map[string][]string{}
	for _, kind := range WorkloadKinds {
		workloads, err := c.Workloads(ctx, kind, namespace)
		if err != nil {
			return nil, c.Denied(ctx, fmt.Errorf("list the %ss in namespace %s: %w", kind, namespace, err), append(rights, rightsToRestart(namespace)...))
		}
		for _, w := range workloads {
			for _, secret := range bundle.SecretsMounted(w.Template.Spec) {
				serving[secret] = append(serving[secret], selecting(list.Items, w.Template.Labels)...)
			}
		}
	}
	for secret, names := range serving {
		slices.Sort(names)
		serving[secret] = slices.Compact(names)
	}
	return serving, nil
}

// selecting are the names of the Services that lead to pods with these labels.
func selecting(services []corev1.Service, pod labels.Set) (names []string) {
	for _, s := range services {
		if len(s.Spec.Selector) > 0 && labels.SelectorFromSet(s.Spec.Selector).Matches(pod) {
			names = append(names, s.Name)
		}
	}
	return names
}
