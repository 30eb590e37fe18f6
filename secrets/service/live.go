package service

import (
	"context"
	"fmt"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/labels"

	"certgen/secrets"
	"certgen/secrets/bundle"
	"certgen/secrets/cluster"
)

// liveFacts are what the API server says of a Service, of the pods behind it, and of what they mount.
type liveFacts struct {
	accessFacts
	pods       []corev1.Pod      // that the Service selects, but for those that have ended or are about to
	podsKnown  bool              // that these are all
	workloads  []cluster.Rollout // whose pods these are
	configMaps map[string]*corev1.ConfigMap
	secrets    map[string]*corev1.Secret // nil for one that does not exist
	named      []bundle.NamedFile        // by the configuration of nginx
	secret     string                    // whose certificate is to be served; "" where there is no pod to tell
	notes      []string                  // what could not be read
}

// liveFacts reads what [liveFacts.findings] needs. secret is the name of the one to be served, "" to find it
// out by the pods.
func readLiveFacts(ctx context.Context, c *cluster.Cluster, namespace, service, secret string) (*liveFacts, error) {
	f, err := readAllFacts(ctx, c, namespace, service, secret)
	return f, c.Denied(ctx, err, rightsToVerify(namespace, service))
}

func readAllFacts(ctx context.Context, c *cluster.Cluster, namespace, service, secret string) (*liveFacts, error) {
	f := &liveFacts{configMaps: map[string]*corev1.ConfigMap{}, secrets: map[string]*corev1.Secret{}, secret: secret}
	var err error
	if f.accessFacts, err = readAccessFacts(ctx, c, namespace, service); err != nil {
		return nil, err
	}
	if f.service.Spec.Type == corev1.ServiceTypeExternalName {
		return nil, &cluster.Refusal{Ref: "service/" + service, Reason: "is of the type ExternalName: it has no pods, it is another name for " + f.service.Spec.ExternalName,
			Hint: "certgen verify HOST:PORT asks that server"}
	}
	if f.unknown.endpoints {
		f.notes = append(f.notes, "you are not allowed to list EndpointSlices, so the pods behind the Service are not known")
	}
	if err := readPods(ctx, c, f); err != nil {
		return nil, err
	}
	if err := readMounts(ctx, c, f); err != nil {
		return nil, err
	}
	return f, nil
}

// readPods reads the pods that the Service selects, and the workloads that they belong to.
func readPods(ctx context.Context, c *cluster.Cluster, f *liveFacts) error {
	selector := labels.Set(f.service.Spec.Selector)
	if len(selector) == 0 {
		return nil
	}
	var pods corev1.PodList
	forbidden, err := denied(c.ReadList(ctx, cluster.Reference{Kind: "Pod", Namespace: f.service.Namespace, Group: "v1"}, selector, &pods))
	if err != nil {
		return fmt.Errorf("list the pods of service/%s: %w", f.service.Name, err)
	}
	if forbidden {
		f.notes = append(f.notes, "you are not allowed to list pods, so what they mount is not known")
	}
	f.podsKnown = !forbidden
	f.pods = slices.DeleteFunc(pods.Items, func(p corev1.Pod) bool {
		return p.DeletionTimestamp != nil || p.Status.Phase == corev1.PodSucceeded || p.Status.Phase == corev1.PodFailed
	})
	for _, kind := range cluster.WorkloadKinds {
		workloads, err := c.Workloads(ctx, kind, f.service.Namespace)
		if forbidden, err := denied(err); err != nil {
			return fmt.Errorf("list the %ss of service/%s: %w", kind, f.service.Name, err)
		} else if forbidden {
			continue // its pods tell most of it, too
		}
		for _, w := range workloads {
			if !selector.AsSelector().Matches(labels.Set(w.Template.Labels)) {
				continue
			}
			rollout, err := c.RolloutOf(ctx, w.Live)
			if err != nil {
				rollout.Done = true // nobody but its user replaces its pods
			}
			f.workloads = append(f.workloads, rollout)
		}
	}
	return nil
}

// readMounts reads the ConfigMaps that the pods mount, what nginx's configuration in them names, and the
// Secrets that this leads to, or else those that the pods mount.
func readMounts(ctx context.Context, c *cluster.Cluster, f *liveFacts) error {
	var secrets []string
	for _, pod := range f.pods {
		for _, name := range bundle.MountedObjects(pod.Spec, "ConfigMap") {
			if _, ok := f.configMaps[name]; ok {
				continue
			}
			config, err := cluster.ReadObject[corev1.ConfigMap](ctx, c, cluster.Reference{Kind: "ConfigMap", Namespace: f.service.Namespace, Name: name, Group: "v1"})
			if forbidden, err := denied(err); err != nil {
				return err
			} else if forbidden {
				f.notes = append(f.notes, fmt.Sprintf("you are not allowed to read configmap/%s, so it is not known what nginx is to serve", name))
			}
			f.configMaps[name] = config
		}
		for _, file := range bundle.NamedFiles(pod.Spec, f.configMaps) {
			if !slices.ContainsFunc(f.named, file.Same) {
				f.named = append(f.named, file)
			}
		}
		secrets = append(secrets, bundle.MountedObjects(pod.Spec, "Secret")...)
	}
	var certificates, keys []string
	for _, file := range f.named {
		switch {
		case file.At.Kind != "Secret":
		case file.Directive == "ssl_certificate":
			certificates = append(certificates, file.At.Object)
		default:
			keys = append(keys, file.At.Object)
		}
	}
	if len(certificates) > 0 || f.secret != "" {
		secrets = slices.Concat(certificates, keys)
	}
	if f.secret != "" {
		secrets = append(secrets, f.secret)
	}
	for _, name := range secrets {
		if _, ok := f.secrets[name]; ok {
			continue
		}
		var err error
		if f.secrets[name], err = cluster.ReadObject[corev1.Secret](ctx, c, cluster.Reference{Kind: "Secret", Namespace: f.service.Namespace, Name: name, Group: "v1"}); err != nil {
			return err
		}
	}
	return f.chooseSecret(certificates)
}

// chooseSecret finds out which Secret is to be served: the one asked for, that to which nginx's configuration
// leads, or the only one with a certificate that the pods mount.
func (f *liveFacts) chooseSecret(certificates []string) error {
	if f.secret != "" {
		if f.secrets[f.secret] == nil {
			return cluster.MissingSecret(f.service.Namespace, f.secret, "-n names another namespace")
		}
		return nil
	}
	if len(certificates) == 0 {
		for name, secret := range f.secrets {
			if secret != nil && len(secrets.PEMOf(secret).Cert) > 0 {
				certificates = append(certificates, name)
			}
		}
	}
	slices.Sort(certificates)
	certificates = slices.Compact(certificates)
	why := ""
	switch {
	case len(certificates) == 1:
		f.secret = certificates[0]
		return nil
	case len(certificates) > 1:
		why = "its pods mount " + strings.Join(certificates, " and ")
	case len(f.pods) > 0:
		why = "its pods mount none with a certificate"
	case len(f.notes) > 0:
		why = f.notes[0]
	case len(f.ready()) > 0:
		why = "it has no pods to tell it by"
	default:
		return nil // nothing serves anything
	}
	return &cluster.Refusal{Ref: "service/" + f.service.Name, Reason: "the Secret that it serves cannot be told: " + why, Hint: "--secret NAME says which"}
}
