package fleet

import (
	"context"

	"certgen/secrets/cluster"
)

// kind is one of those that are read beside Secrets.
type kind struct {
	versions []cluster.Reference // in which the server may have it, the newest first
	labels   string
	read     func(context.Context, cluster.Query) error
}

// kinds are all of them: those that hold certificates, and those that use them.
func (r *reading) kinds() []kind {
	in := r.selection.Namespace
	configMaps, collapse := r.configMaps()
	kinds := []kind{
		{versions("ConfigMap", in, "v1"), r.selection.Labels.String(), func(ctx context.Context, q cluster.Query) error {
			err := cluster.Pages(ctx, r.cluster, q, cluster.ConfigMaps(), configMaps)
			collapse()
			return err
		}},
		{versions("ValidatingWebhookConfiguration", "", "admissionregistration.k8s.io/v1"), "", pages(r, callersIn[webhooks](r, "ValidatingWebhookConfiguration", "admissionregistration.k8s.io"))},
		{versions("MutatingWebhookConfiguration", "", "admissionregistration.k8s.io/v1"), "", pages(r, callersIn[webhooks](r, "MutatingWebhookConfiguration", "admissionregistration.k8s.io"))},
		{versions("APIService", "", "apiregistration.k8s.io/v1"), "", pages(r, callersIn[apiService](r, "APIService", "apiregistration.k8s.io"))},
		{versions("CustomResourceDefinition", "", "apiextensions.k8s.io/v1"), "", pages(r, callersIn[definition](r, "CustomResourceDefinition", "apiextensions.k8s.io"))},

		{versions("Deployment", in, "apps/v1"), "", pages(r, r.users.workloads("Deployment"))},
		{versions("StatefulSet", in, "apps/v1"), "", pages(r, r.users.workloads("StatefulSet"))},
		{versions("DaemonSet", in, "apps/v1"), "", pages(r, r.users.workloads("DaemonSet"))},
		{versions("CronJob", in, "batch/v1"), "", pages(r, r.users.workloads("CronJob"))},
		{versions("Job", in, "batch/v1"), "", pages(r, r.users.workloads("Job"))},
		{versions("Ingress", in, "networking.k8s.io/v1"), "", pages(r, r.users.ingresses)},
		{versions("Gateway", in, "gateway.networking.k8s.io/v1", "gateway.networking.k8s.io/v1beta1"), "", pages(r, r.users.gateways)},
	}
	if in == "" {
		kinds = append(kinds, kind{
			versions("ClusterTrustBundle", "", "certificates.k8s.io/v1", "certificates.k8s.io/v1beta1", "certificates.k8s.io/v1alpha1"), r.selection.Labels.String(), pages(r, r.trustBundles)})
	}
	return kinds
}

// versions are the references to a kind in the versions of its API.
func versions(kind, namespace string, groups ...string) (all []cluster.Reference) {
	for _, group := range groups {
		all = append(all, cluster.Reference{Kind: kind, Group: group, Namespace: namespace})
	}
	return all
}

// pages reads the objects of a kind as T.
func pages[T any](r *reading, each func([]T) error) func(context.Context, cluster.Query) error {
	return func(ctx context.Context, q cluster.Query) error {
		return cluster.Pages(ctx, r.cluster, q, cluster.JSON[T](), each)
	}
}
