package secrets

import (
	corev1 "k8s.io/api/core/v1"

	"certgen/render"
)

// StoredParts is [Parts] of a Secret as the API server stores it.
func StoredParts(s *corev1.Secret) []Part {
	r := partsReader{secret: Described(s), stored: s.Data}
	return r.parts()
}

// Described is what a Secret says of itself, without its data.
func Described(s *corev1.Secret) render.EncodedSecret {
	return render.EncodedSecret{Name: s.Name, Namespace: s.Namespace, Type: string(s.Type), Labels: s.Labels, Annotations: s.Annotations}
}
