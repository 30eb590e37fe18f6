package bundle

import (
	"slices"

	corev1 "k8s.io/api/core/v1"
)

// SecretsUsed names the Secrets that a pod mounts, projects, or reads into its environment; those for pulling images are not among them.
// Each is there once, in the order of the names.
func SecretsUsed(pod corev1.PodSpec) []string {
	names := SecretsMounted(pod)
	for _, container := range slices.Concat(pod.InitContainers, pod.Containers) {
		for _, from := range container.EnvFrom {
			if from.SecretRef != nil {
				names = append(names, from.SecretRef.Name)
			}
		}
		for _, env := range container.Env {
			if env.ValueFrom != nil && env.ValueFrom.SecretKeyRef != nil {
				names = append(names, env.ValueFrom.SecretKeyRef.Name)
			}
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// SecretsMounted names the Secrets among them that are there as files.
func SecretsMounted(pod corev1.PodSpec) (names []string) {
	for _, volume := range pod.Volumes {
		for _, entry := range Entries(pod, volume.Name) {
			if entry.Kind == "Secret" {
				names = append(names, entry.Object)
			}
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}
