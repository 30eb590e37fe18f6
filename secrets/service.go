package secrets

import (
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"

	"certgen/certs/pki"
)

const (
	// TutorialService is the Service of the tutorial, and of the nginx bundle unless another is named.
	TutorialService = "my-nginx"
	// ClusterDomain is the DNS domain of a cluster whose administrator chose no other:
	// https://kubernetes.io/docs/concepts/services-networking/dns-pod-service/
	ClusterDomain = "cluster.local"
)

// The fields that problems of a Service name.
const (
	FieldService       pki.Field = "service"
	FieldClusterDomain pki.Field = "clusterDomain"
	FieldServiceType   pki.Field = "serviceType"
)

// ServiceTypes are those that have pods behind them; ExternalName has not.
func ServiceTypes() []corev1.ServiceType {
	return []corev1.ServiceType{corev1.ServiceTypeClusterIP, corev1.ServiceTypeNodePort, corev1.ServiceTypeLoadBalancer}
}

// ServiceNames returns the four DNS names of a Service, the shortest first. A pod of the same namespace
// may use all, others the longer three.
func ServiceNames(service, namespace, clusterDomain string) []string {
	inNamespace := service + "." + namespace
	return []string{service, inNamespace, inNamespace + ".svc", inNamespace + ".svc." + clusterDomain}
}

// ValidateService returns what is wrong with the name of a Service and with the cluster domain.
func ValidateService(service, clusterDomain string) pki.Problems {
	return append(
		ServiceLabel.Judge(FieldService, service),
		Subdomain.Judge(FieldClusterDomain, clusterDomain)...)
}

// ServiceType is t as Kubernetes spells it, and whether the nginx bundle can make one.
func ServiceType(t corev1.ServiceType) (corev1.ServiceType, bool) {
	types := ServiceTypes()
	i := slices.IndexFunc(types, func(known corev1.ServiceType) bool {
		return strings.EqualFold(string(known), string(t))
	})
	if i < 0 {
		return t, false
	}
	return types[i], true
}
