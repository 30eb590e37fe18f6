package fleet

import (
	"slices"
	"strings"
	"sync"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"certgen/render/report/inventory"
	"certgen/secrets/bundle"
)

// users knows who uses what. The zero value knows nobody.
type users struct {
	mu    sync.Mutex
	of    map[object][]string
	calls map[string][]string // who calls a Service, by its DNS name NAME.NAMESPACE.svc
}

// object is a Secret or a ConfigMap.
type object struct{ kind, namespace, name string }

func (u *users) use(of object, by string) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.of == nil {
		u.of = map[object][]string{}
	}
	if !slices.Contains(u.of[of], by) {
		u.of[of] = append(u.of[of], by)
	}
}

// call notes that the API server calls a Service on behalf of an object.
func (u *users) call(namespace, service, by string) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.calls == nil {
		u.calls = map[string][]string{}
	}
	host := service + "." + namespace + ".svc"
	if !slices.Contains(u.calls[host], by) {
		u.calls[host] = append(u.calls[host], by)
	}
}

// by names who uses an entry.
func (u *users) by(e *inventory.Entry) []string {
	if e.Namespaces > 1 { // as many users
		return nil
	}
	all := u.of[object{e.Kind, e.Namespace, e.Name}]
	if e.Kind == "Secret" && len(u.calls) > 0 {
		for _, name := range e.Names {
			// The API server asks for this name: https://kubernetes.io/docs/reference/access-authn-authz/extensible-admission-controllers/#service-reference
			service, ok := strings.CutSuffix(name, ".svc")
			if callers := u.calls[name]; ok && strings.HasSuffix(service, "."+e.Namespace) {
				all = append(slices.Clip(all), callers...)
			}
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// The objects that use Secrets, with the fields that are wanted of them.
type (
	workload struct {
		metav1.ObjectMeta `json:"metadata"`

		Spec struct {
			Template    podTemplate `json:"template"`
			JobTemplate struct {
				Spec struct {
					Template podTemplate `json:"template"`
				} `json:"spec"`
			} `json:"jobTemplate"` // of a CronJob
		} `json:"spec"`
	}
	podTemplate struct {
		Spec corev1.PodSpec `json:"spec"`
	}
	ingress struct {
		metav1.ObjectMeta `json:"metadata"`

		Spec struct {
			TLS []struct {
				SecretName string `json:"secretName"`
			} `json:"tls"`
		} `json:"spec"`
	}
	gateway struct {
		metav1.ObjectMeta `json:"metadata"`

		Spec struct {
			Listeners []struct {
				TLS struct {
					CertificateRefs []struct {
						Kind      string `json:"kind"`
						Namespace string `json:"namespace"`
						Name      string `json:"name"`
					} `json:"certificateRefs"`
				} `json:"tls"`
			} `json:"listeners"`
		} `json:"spec"`
	}
)

// workloads notes what the pods of workloads use. A Job that a CronJob made is that one's.
func (u *users) workloads(kind string) func([]workload) error {
	return func(all []workload) error {
		for i := range all {
			w := &all[i]
			if metav1.GetControllerOf(&w.ObjectMeta) != nil {
				continue
			}
			by := strings.ToLower(kind) + "/" + w.Name
			for _, pod := range []corev1.PodSpec{w.Spec.Template.Spec, w.Spec.JobTemplate.Spec.Template.Spec} {
				for _, name := range bundle.SecretsUsed(pod) {
					u.use(object{"Secret", w.Namespace, name}, by)
				}
				for _, name := range bundle.MountedObjects(pod, "ConfigMap") {
					u.use(object{"ConfigMap", w.Namespace, name}, by)
				}
			}
		}
		return nil
	}
}

func (u *users) ingresses(all []ingress) error {
	for i := range all {
		for _, tls := range all[i].Spec.TLS {
			if tls.SecretName != "" {
				u.use(object{"Secret", all[i].Namespace, tls.SecretName}, "ingress/"+all[i].Name)
			}
		}
	}
	return nil
}

// gateways notes what listeners serve. One of another namespace is named with it.
func (u *users) gateways(all []gateway) error {
	for i := range all {
		g := &all[i]
		for _, listener := range g.Spec.Listeners {
			for _, ref := range listener.TLS.CertificateRefs {
				if ref.Kind != "" && ref.Kind != "Secret" {
					continue
				}
				namespace, by := g.Namespace, "gateway/"+g.Name
				if ref.Namespace != "" && ref.Namespace != g.Namespace {
					namespace, by = ref.Namespace, "gateway/"+g.Namespace+"/"+g.Name
				}
				u.use(object{"Secret", namespace, ref.Name}, by)
			}
		}
	}
	return nil
}
