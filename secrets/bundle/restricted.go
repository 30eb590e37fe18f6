package bundle

import (
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
)

// CertificateDir is where both bundles mount the Secret, as the tutorial does.
const CertificateDir = "/etc/nginx/ssl"

// certificateVolume is the name of the volume that holds the Secret.
const certificateVolume = "certificate"

// RestrictedPod is the part of Pod Security's level "restricted" that a pod states for all its
// containers. user and group are numbers because the kubelet cannot tell that a user with a name is not
// root: https://kubernetes.io/docs/concepts/security/pod-security-standards/#restricted
func RestrictedPod(user, group int64) *corev1.PodSecurityContext {
	return &corev1.PodSecurityContext{
		RunAsNonRoot:   new(true),
		RunAsUser:      &user,
		RunAsGroup:     &group,
		FSGroup:        &group,
		SeccompProfile: &corev1.SeccompProfile{Type: corev1.SeccompProfileTypeRuntimeDefault},
	}
}

// RestrictedContainer is the part that each container states. The read-only root file system goes
// beyond "restricted".
func RestrictedContainer() *corev1.SecurityContext {
	return &corev1.SecurityContext{
		AllowPrivilegeEscalation: new(false),
		Capabilities:             &corev1.Capabilities{Drop: []corev1.Capability{"ALL"}},
		ReadOnlyRootFilesystem:   new(true),
	}
}

// secretVolume mounts the Secret's keys in items, or all where there are none. The mode is the strictest
// that works: the kubelet adds read permission for the pod's fsGroup, and nobody else in the pod gets any.
func secretVolume(secret string, items ...corev1.KeyToPath) corev1.Volume {
	return corev1.Volume{
		Name: certificateVolume,
		VolumeSource: corev1.VolumeSource{Secret: &corev1.SecretVolumeSource{
			SecretName:  secret,
			Items:       items,
			DefaultMode: new(int32(0o400)),
		}},
	}
}

// cpuMemory is an amount of both, as Kubernetes writes quantities.
func cpuMemory(cpu, memory string) corev1.ResourceList {
	return corev1.ResourceList{
		corev1.ResourceCPU:    resource.MustParse(cpu),
		corev1.ResourceMemory: resource.MustParse(memory),
	}
}
