package fleet

import (
	"crypto/sha256"
	"maps"
	"slices"

	corev1 "k8s.io/api/core/v1"

	"certgen/render/report/inventory"
)

// trusted is what ConfigMaps of one name hold under one key.
type trusted struct {
	name, key string
	sum       [sha256.Size]byte
}

// configMaps takes the certificates out of ConfigMaps. What is the same in many namespaces, as the cluster's own CA is
// in kube-root-ca.crt, is one entry.
func (r *reading) configMaps() (each func([]corev1.ConfigMap) error, end func()) {
	seen := map[trusted]*inventory.Entry{}
	each = func(all []corev1.ConfigMap) error {
		for i := range all {
			c := &all[i]
			for _, key := range slices.Sorted(maps.Keys(c.Data)) {
				text := c.Data[key]
				if !holdsCertificates(text) {
					continue
				}
				same := trusted{c.Name, key, sha256.Sum256([]byte(text))}
				if first := seen[same]; first != nil {
					first.Namespaces = max(first.Namespaces, 1) + 1
					continue
				}
				at := inventory.Entry{Kind: "ConfigMap", Namespace: r.examiner.known.text(c.Namespace), Name: c.Name, Key: key, ManagedBy: r.managerOf(&c.ObjectMeta, "f:data")}
				entry := r.bundle(at, []byte(text))
				seen[same] = entry
			}
		}
		return nil
	}
	end = func() {
		for _, entry := range seen {
			r.add(entry)
		}
	}
	return each, end
}
