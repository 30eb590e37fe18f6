package certmanager

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"slices"
	"sync"

	"golang.org/x/sync/errgroup"
	corev1 "k8s.io/api/core/v1"

	"certgen/certs/pki"
	"certgen/render"
	"certgen/secrets/bundle"
	"certgen/secrets/cluster"
	"certgen/secrets/provision"
)

// workload is a Deployment, StatefulSet or DaemonSet: what replaces its pods when their template changes.
type workload struct {
	object render.Object
	uses   []cluster.SecretName
}

// pod is what of a pod's specification names Secrets. It has no quantities: some would take minutes to read.
type pod struct {
	Volumes []struct {
		Name      string
		Secret    *corev1.SecretVolumeSource
		Projected *corev1.ProjectedVolumeSource
	}
	InitContainers, Containers []struct {
		EnvFrom []corev1.EnvFromSource
		Env     []struct {
			ValueFrom struct{ SecretKeyRef *corev1.SecretKeySelector }
		}
	}
}

func (p pod) typed() (spec corev1.PodSpec) {
	for _, v := range p.Volumes {
		source := corev1.VolumeSource{Secret: v.Secret, Projected: v.Projected}
		spec.Volumes = append(spec.Volumes, corev1.Volume{Name: v.Name, VolumeSource: source})
	}
	for _, c := range slices.Concat(p.InitContainers, p.Containers) {
		container := corev1.Container{EnvFrom: c.EnvFrom}
		for _, env := range c.Env {
			container.Env = append(container.Env, corev1.EnvVar{ValueFrom: &corev1.EnvVarSource{SecretKeyRef: env.ValueFrom.SecretKeyRef}})
		}
		spec.Containers = append(spec.Containers, container)
	}
	return spec
}

// checksumPath leads to the annotation that changes with the certificate.
func checksumPath() []string {
	return []string{"spec", "template", "metadata", "annotations", bundle.CertificateChecksum}
}

// mayUseSecrets reports whether a document can hold a workload that uses a Secret.
func mayUseSecrets(text []byte) bool {
	return bytes.Contains(text, []byte("ecret")) && bytes.Contains(text, []byte("template"))
}

// workloads finds those among objects that use Secrets. What is not written as the API server reads it is left to the API server.
func (r reading) workloads(objects ...render.Object) (found []workload) {
	for _, o := range objects {
		if !r.checksums || !slices.Contains(cluster.WorkloadKinds, o.Kind) || o.APIVersion != "apps/v1" {
			continue
		}
		var written struct {
			Spec struct{ Template struct{ Spec pod } }
		}
		if o.Convert(&written) != nil {
			continue
		}
		w := workload{object: o}
		for _, name := range bundle.SecretsUsed(written.Spec.Template.Spec.typed()) {
			w.uses = append(w.uses, cluster.SecretName{Namespace: cmp.Or(o.Namespace, r.namespace), Name: name})
		}
		if len(w.uses) > 0 {
			found = append(found, w)
		}
	}
	return found
}

// settleUsed decides on the Certificates whose Secrets workloads use, so that a workload can name the certificate though it stands
// before it.
func (r *resolver) settleUsed(ctx context.Context, used []placed[*wanted]) (problems pki.PlacedProblems) {
	var mu sync.Mutex
	var group errgroup.Group
	group.SetLimit(max(r.options.Parallel, 1))
	for _, u := range used {
		name := u.object.secretName()
		issuer, ok := r.known[u.object.ref]
		if !ok {
			continue // which has been said
		}
		order := u.object.order
		order.Means = u.object.means(issuer, r.origins[u.object.ref], r.options)
		group.Go(func() error {
			settled, err := provision.Settle(ctx, r.store, order, r.now)
			mu.Lock()
			defer mu.Unlock()
			if err != nil {
				problems = append(problems, pki.PlacedProblem{Place: u.Place, Object: "Certificate of the Secret " + shown(name), Err: err})
				return nil
			}
			r.settled[name] = settled
			return nil
		})
	}
	_ = group.Wait() // failures are problems
	return problems
}

// annotated is the text of a document with the checksums of the certificates that its workloads use.
func (r *resolver) annotated(text []byte, workloads []workload) ([]byte, error) {
	for _, w := range slices.Backward(workloads) { // what stands before a change stays where it is
		var used []byte
		for _, name := range w.uses {
			if settled, ok := r.settled[name]; ok {
				used = append(used, settled.PEM().Cert...)
			}
		}
		if used == nil {
			continue
		}
		w.object.Text = text
		changed, err := w.object.With(bundle.Checksum(used), checksumPath()...)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", described(w.object), err)
		}
		text = changed
	}
	return text, nil
}
