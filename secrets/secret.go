package secrets

import (
	"maps"
	"slices"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"certgen/certs/pki"
)

// CAKey is where cert-manager, ingress controllers and others look for the root, beside
// corev1.TLSCertKey and corev1.TLSPrivateKeyKey, which Kubernetes itself names:
// https://cert-manager.io/docs/usage/certificate/#target-secret
const CAKey = "ca.crt"

// New returns the Secret that holds pair. ca.crt is left out where the root is not known. An immutable
// Secret cannot be changed later, only deleted and made anew.
func New(m Meta, pair pki.PEM, immutable bool) *corev1.Secret {
	s := &corev1.Secret{
		TypeMeta:   metav1.TypeMeta{APIVersion: "v1", Kind: "Secret"},
		ObjectMeta: ObjectMeta(m.Name, m.Namespace, m.Labels),
		Type:       corev1.SecretTypeTLS,
		Data: map[string][]byte{
			corev1.TLSCertKey:       pair.Cert,
			corev1.TLSPrivateKeyKey: pair.Key,
		},
	}
	s.Annotations = maps.Clone(m.Annotations)
	own := renewalAnnotations(m.Renewal)
	if m.Spec != "" {
		own[SpecAnnotation] = m.Spec
	}
	if s.Annotations == nil && len(own) > 0 {
		s.Annotations = own
	} else {
		maps.Copy(s.Annotations, own)
	}
	if len(pair.CA) > 0 {
		s.Data[CAKey] = pair.CA
	}
	if immutable {
		s.Immutable = new(true)
	}
	return s
}

// PEMOf returns the key pair that s holds, unchecked: what is missing is empty.
func PEMOf(s *corev1.Secret) pki.PEM {
	data := Data(s)
	return pki.PEM{Cert: data[corev1.TLSCertKey], Key: data[corev1.TLSPrivateKeyKey], CA: data[CAKey]}
}

// Managed reports whether certgen made s, by its label.
func Managed(s *corev1.Secret) bool {
	return s.Labels[ManagedByLabel] == ManagedBy
}

// KeepForeign copies into desired what others added to existing: labels, annotations and data keys that
// desired does not set. What is certgen's own is never copied: the three keys of the pair (an old root
// is wrong beside a new certificate that has none), those of its [Formats], and everything under [AnnotationPrefix]. Nor is
// kubectl's last-applied-configuration, which repeats the private key of its time in clear base64.
func KeepForeign(desired, existing *corev1.Secret) {
	desired.Labels = keep(desired.Labels, existing.Labels, Own)
	desired.Annotations = keep(desired.Annotations, existing.Annotations, func(key string) bool {
		return Own(key) || key == corev1.LastAppliedConfigAnnotation
	})
	desired.Data = keep(desired.Data, Data(existing), func(key string) bool {
		return key == corev1.TLSCertKey || key == corev1.TLSPrivateKeyKey || key == CAKey || slices.Contains(formatKeys(), key)
	})
}

// keep adds to desired what existing has beyond it, except what is ours. It returns desired, or a new
// map where that was nil and there is something to add.
func keep[V any](desired, existing map[string]V, ours func(key string) bool) map[string]V {
	for key, value := range existing {
		if _, set := desired[key]; set || ours(key) {
			continue
		}
		if desired == nil {
			desired = make(map[string]V)
		}
		desired[key] = value
	}
	return desired
}

// Data returns the data that the API server would store for s: it writes stringData over data.
func Data(s *corev1.Secret) map[string][]byte {
	if len(s.StringData) == 0 {
		return s.Data
	}
	data := make(map[string][]byte, len(s.Data)+len(s.StringData))
	maps.Copy(data, s.Data)
	for key, value := range s.StringData {
		data[key] = []byte(value)
	}
	return data
}
