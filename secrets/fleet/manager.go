package fleet

import (
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"certgen/render"
	"certgen/secrets"
)

// managerOf says who keeps an object: by its labels and annotations, or else by the server's record of who wrote the
// field last. "" where nothing tells.
func managerOf(m *metav1.ObjectMeta, field string) string {
	for key := range m.Annotations {
		if strings.HasPrefix(key, "cert-manager.io/inject-") { // cainjector's: https://cert-manager.io/docs/concepts/ca-injector/
			return "cert-manager"
		}
	}
	if _, ok := m.Labels["trust.cert-manager.io/bundle"]; ok { // https://cert-manager.io/docs/trust/trust-manager/
		return "trust-manager"
	}
	if name := ManagerOf(render.EncodedSecret{Labels: m.Labels, Annotations: m.Annotations}); name != "" {
		return name
	}
	name, latest := "", metav1.Time{}
	for _, e := range m.ManagedFields {
		if e.FieldsV1 == nil || !strings.Contains(string(e.FieldsV1.Raw), `"`+field+`"`) {
			continue
		}
		if e.Time == nil {
			e.Time = &metav1.Time{}
		}
		if name == "" || latest.Before(e.Time) {
			name, latest = e.Manager, *e.Time
		}
	}
	return name
}

// ManagerOf says who keeps a Secret as it is written; "" where it does not tell.
func ManagerOf(s render.EncodedSecret) string {
	name, _, _ := strings.Cut(secrets.Manager(s), ",") // the name of the Certificate follows
	return name
}
