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
	services, err := c.services(ctx, namespace)
	if err != nil {
		return nil, err
	}
	serving := map[string][]string{}
	for _, kind := range WorkloadKinds {
		workloads, err := c.Workloads(ctx, kind, namespace)
		if err != nil {
			return nil, c.Denied(ctx, fmt.Errorf("list the %ss in namespace %s: %w", kind, namespace, err), rightsToRestart(namespace))
		}
		for _, w := range workloads {
			for _, secret := range bundle.SecretsMounted(w.Template.Spec) {
				serving[secret] = append(serving[secret], selecting(services, w.Template.Labels)...)
			}
		}
	}
	for secret, names := range serving {
		slices.Sort(names)
		serving[secret] = slices.Compact(names)
	}
	return serving, nil
}

// ServicesOf names the Services of a namespace that lead to pods of the workloads, in the order of their names.
func (c *Cluster) ServicesOf(ctx context.Context, namespace string, users []User) (names []string, err error) {
	services, err := c.services(ctx, namespace)
	for _, u := range users {
		names = append(names, selecting(services, u.Labels)...)
	}
	slices.Sort(names)
	return slices.Compact(names), err
}

// services reads the Services of a namespace.
func (c *Cluster) services(ctx context.Context, namespace string) ([]corev1.Service, error) {
	all := Reference{Kind: "Service", Namespace: namespace, Group: "v1"}
	var list corev1.ServiceList
	if err := c.ReadList(ctx, all, nil, &list); err != nil {
		return nil, c.Denied(ctx, fmt.Errorf("list the Services in namespace %s: %w", namespace, err), []Right{{Verb: "list", On: all}})
	}
	return list.Items, nil
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
