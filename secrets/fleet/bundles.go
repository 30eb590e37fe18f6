package fleet

import (
	"fmt"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"

	"certgen/certs/lint"
	"certgen/certs/pki"
	"certgen/render/report/inventory"
)

// The objects whose caBundles the API server trusts, with the fields that are wanted of them.
type (
	// webhooks are a ValidatingWebhookConfiguration or a MutatingWebhookConfiguration.
	webhooks struct {
		metav1.ObjectMeta `json:"metadata"`

		Webhooks []struct {
			ClientConfig clientConfig `json:"clientConfig"`
		} `json:"webhooks"`
	}
	apiService struct {
		metav1.ObjectMeta `json:"metadata"`

		Spec clientConfig `json:"spec"`
	}
	definition struct {
		metav1.ObjectMeta `json:"metadata"`

		Spec struct {
			Conversion struct {
				Webhook struct {
					ClientConfig clientConfig `json:"clientConfig"`
				} `json:"webhook"`
			} `json:"conversion"`
		} `json:"spec"`
	}
	clientConfig struct {
		CABundle []byte `json:"caBundle"`
		Service  *struct {
			Namespace string `json:"namespace"`
			Name      string `json:"name"`
		} `json:"service"`
	}
	trustBundle struct {
		metav1.ObjectMeta `json:"metadata"`

		Spec struct {
			TrustBundle string `json:"trustBundle"`
		} `json:"spec"`
	}
)

// call is how the API server calls a server of the cluster: whom it trusts, and where that is written.
type call struct {
	clientConfig
	field string
}

func (w *webhooks) calls() (calls []call) {
	for i, hook := range w.Webhooks {
		calls = append(calls, call{hook.ClientConfig, fmt.Sprintf("webhooks[%d].clientConfig.caBundle", i)})
	}
	return calls
}

func (s *apiService) calls() []call { return []call{{s.Spec, "spec.caBundle"}} }

func (d *definition) calls() []call {
	return []call{{d.Spec.Conversion.Webhook.ClientConfig, "spec.conversion.webhook.clientConfig.caBundle"}}
}

// caller is an object by which the API server calls others.
type caller[T any] interface {
	*T
	calls() []call
	metav1.ObjectMetaAccessor
}

// callersIn takes the caBundles out of objects. Webhooks of one object that trust the same are one entry. With a namespace, only
// those count that call a Service in it.
func callersIn[T any, P caller[T]](r *reading, kind, group string) func([]T) error {
	return func(objects []T) error {
		for i := range objects {
			object := P(&objects[i])
			meta := object.GetObjectMeta().(*metav1.ObjectMeta)
			at := inventory.Entry{Kind: kind, Group: group, Name: meta.Name}
			seen := map[string]bool{}
			for _, c := range object.calls() {
				if c.Service != nil {
					r.users.call(c.Service.Namespace, c.Service.Name, at.Ref())
				}
				outside := r.selection.Namespace != "" && (c.Service == nil || c.Service.Namespace != r.selection.Namespace)
				if len(c.CABundle) == 0 || outside || !r.selection.Labels.Matches(labels.Set(meta.Labels)) || seen[string(c.CABundle)] {
					continue
				}
				seen[string(c.CABundle)] = true
				at.Key, at.ManagedBy = c.field, r.managerOf(meta, "f:caBundle")
				r.add(r.bundle(at, c.CABundle))
			}
		}
		return nil
	}
}

// trustBundles takes the certificates out of ClusterTrustBundles, which belong to no namespace.
func (r *reading) trustBundles(objects []trustBundle) error {
	for i := range objects {
		o := &objects[i]
		at := inventory.Entry{Kind: "ClusterTrustBundle", Group: "certificates.k8s.io", Name: o.Name, Key: "spec.trustBundle", ManagedBy: r.managerOf(&o.ObjectMeta, "f:trustBundle")}
		r.add(r.bundle(at, []byte(o.Spec.TrustBundle)))
	}
	return nil
}

// bundle makes the entry of CA certificates in PEM.
func (r *reading) bundle(at inventory.Entry, text []byte) *inventory.Entry {
	chain, found := lint.ReadChain(at.Key, text)
	return r.examiner.Entry(at, Held{Target: lint.Target{Chain: chain}, Findings: found})
}

func (r *reading) managerOf(m *metav1.ObjectMeta, field string) string {
	return r.examiner.known.text(managerOf(m, field))
}

// holdsCertificates tells trust from all else that ConfigMaps hold.
func holdsCertificates(text string) bool {
	return strings.Contains(text, pki.PEMBegin+"CERTIFICATE-----")
}
