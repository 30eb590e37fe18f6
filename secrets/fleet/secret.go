package fleet

import (
	corev1 "k8s.io/api/core/v1"

	"certgen/render/report/inventory"
	"certgen/secrets"
)

// secret makes the entries of a Secret.
func (x *Examiner) secret(s *corev1.Secret) (entries []*inventory.Entry) {
	for _, part := range secrets.StoredParts(s) {
		at := inventory.Entry{Kind: "Secret", Namespace: x.known.text(s.Namespace), Name: s.Name, Key: part.Entry, ManagedBy: x.known.text(managerOf(&s.ObjectMeta, "f:data"))}
		if _, ok := s.Data[corev1.TLSCertKey]; ok && at.Key == "" {
			at.Key = corev1.TLSCertKey
		}
		entries = append(entries, x.Entry(at, Held{Target: part.Target, Findings: part.Findings, Renewal: secrets.Renewal(secrets.Described(s))}))
	}
	return entries
}

// wipe overwrites what a Secret held: a private key stays in memory no longer than it takes to examine it.
func wipe(s *corev1.Secret) {
	for _, value := range s.Data {
		clear(value)
	}
}
