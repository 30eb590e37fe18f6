package bundle

import (
	"slices"
	"testing"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/runtime"
)

// podsOf returns the pod templates among objs.
func podsOf(objs []runtime.Object) []corev1.PodTemplateSpec {
	var pods []corev1.PodTemplateSpec
	for _, obj := range objs {
		if d, ok := obj.(*appsv1.Deployment); ok {
			pods = append(pods, d.Spec.Template)
		}
	}
	return pods
}

// TestRestricted holds every pod template against Pod Security's level "restricted", and against what
// certgen promises beyond it.
func TestRestricted(t *testing.T) {
	t.Parallel()
	bundles := map[string][]runtime.Object{
		"nginx": Nginx(NginxOptions{SecretName: "s"}),
		"curl":  Curl(CurlOptions{SecretName: "s"}),
	}
	for name, objs := range bundles {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			pods := podsOf(objs)
			if len(pods) != 1 {
				t.Fatalf("%d pod templates, want 1", len(pods))
			}
			checkPod(t, pods[0].Spec)
		})
	}
}

func checkPod(t *testing.T, pod corev1.PodSpec) {
	t.Helper()
	if pod.HostNetwork || pod.HostPID || pod.HostIPC || len(pod.InitContainers) > 0 {
		t.Error("shares the host's namespaces, or has containers that this test does not look at")
	}
	if pod.AutomountServiceAccountToken == nil || *pod.AutomountServiceAccountToken {
		t.Error("gets a service account's token")
	}
	security := pod.SecurityContext
	if security.RunAsNonRoot == nil || !*security.RunAsNonRoot {
		t.Error("runAsNonRoot is not true")
	}
	if security.RunAsUser == nil || *security.RunAsUser == 0 || security.RunAsGroup == nil || *security.RunAsGroup == 0 {
		t.Error("runs as root, or as a user or group that the image chooses")
	}
	if security.FSGroup == nil || *security.FSGroup != *security.RunAsGroup {
		t.Error("cannot read the Secret's files: fsGroup is not its group")
	}
	if security.SeccompProfile == nil || security.SeccompProfile.Type != corev1.SeccompProfileTypeRuntimeDefault {
		t.Error("the seccomp profile is not the runtime's default")
	}
	for _, sysctl := range security.Sysctls {
		if sysctl.Name != "net.ipv4.ip_unprivileged_port_start" {
			t.Errorf("sysctl %s is not known to be allowed", sysctl.Name)
		}
	}
	for _, volume := range pod.Volumes {
		if volume.Secret == nil && volume.ConfigMap == nil && volume.EmptyDir == nil {
			t.Errorf("volume %s is of a kind that is not allowed", volume.Name)
		}
		if volume.Secret != nil && *volume.Secret.DefaultMode != 0o400 {
			t.Errorf("volume %s has mode %o, want 400", volume.Name, *volume.Secret.DefaultMode)
		}
		if volume.EmptyDir != nil && volume.EmptyDir.SizeLimit.IsZero() {
			t.Errorf("volume %s may fill the node", volume.Name)
		}
	}
	for _, container := range pod.Containers {
		checkContainer(t, container)
	}
}

func checkContainer(t *testing.T, c corev1.Container) {
	t.Helper()
	security := c.SecurityContext
	if security.AllowPrivilegeEscalation == nil || *security.AllowPrivilegeEscalation {
		t.Error("allowPrivilegeEscalation is not false")
	}
	if security.Privileged != nil || security.RunAsUser != nil || security.RunAsNonRoot != nil || security.SeccompProfile != nil {
		t.Error("overrides what the pod says")
	}
	if !slices.Equal(security.Capabilities.Drop, []corev1.Capability{"ALL"}) || len(security.Capabilities.Add) > 0 {
		t.Errorf("keeps capabilities: %v", security.Capabilities)
	}
	if security.ReadOnlyRootFilesystem == nil || !*security.ReadOnlyRootFilesystem {
		t.Error("can write to its image")
	}
	for _, name := range []corev1.ResourceName{corev1.ResourceCPU, corev1.ResourceMemory} {
		request, limit := c.Resources.Requests[name], c.Resources.Limits[name]
		if request.IsZero() || limit.Cmp(request) < 0 {
			t.Errorf("%s: request %s, limit %s", name, &request, &limit)
		}
	}
	for _, port := range c.Ports {
		if port.HostPort != 0 || port.Protocol == "" {
			t.Errorf("port %s: host port %d, protocol %q", port.Name, port.HostPort, port.Protocol)
		}
	}
	for _, mount := range c.VolumeMounts {
		if mount.SubPath != "" {
			t.Errorf("mount %s would never be updated: it has a subPath", mount.Name)
		}
	}
}
