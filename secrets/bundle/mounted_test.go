package bundle

import (
	"testing"

	corev1 "k8s.io/api/core/v1"
)

// TestFollow follows paths through mounts that lie inside each other, and through every volume that holds a
// Secret or a ConfigMap.
func TestFollow(t *testing.T) {
	t.Parallel()
	secret := func(name string, items ...corev1.KeyToPath) corev1.VolumeSource {
		return corev1.VolumeSource{Secret: &corev1.SecretVolumeSource{SecretName: name, Items: items}}
	}
	named := func(name string) corev1.LocalObjectReference { return corev1.LocalObjectReference{Name: name} }
	pod := corev1.PodSpec{Volumes: []corev1.Volume{
		{Name: "all", VolumeSource: secret("web")},
		{Name: "some", VolumeSource: secret("web", corev1.KeyToPath{Key: "tls.crt", Path: "certs/web.crt"})},
		{Name: "config", VolumeSource: corev1.VolumeSource{ConfigMap: &corev1.ConfigMapVolumeSource{LocalObjectReference: named("conf")}}},
		{Name: "both", VolumeSource: corev1.VolumeSource{Projected: &corev1.ProjectedVolumeSource{Sources: []corev1.VolumeProjection{
			{ConfigMap: &corev1.ConfigMapProjection{LocalObjectReference: named("conf"), Items: []corev1.KeyToPath{{Key: "a", Path: "a"}}}},
			{Secret: &corev1.SecretProjection{LocalObjectReference: named("web"), Items: []corev1.KeyToPath{{Key: "tls.key", Path: "b"}}}},
		}}}},
		{Name: "disk", VolumeSource: corev1.VolumeSource{EmptyDir: &corev1.EmptyDirVolumeSource{}}},
	}}
	container := corev1.Container{VolumeMounts: []corev1.VolumeMount{
		{Name: "disk", MountPath: "/etc"},
		{Name: "all", MountPath: "/etc/ssl/"},
		{Name: "config", MountPath: "/etc/ssl/conf"},
		{Name: "some", MountPath: "/some"},
		{Name: "some", MountPath: "/inner", SubPath: "certs"},
		{Name: "all", MountPath: "/one.key", SubPath: "tls.key"},
		{Name: "both", MountPath: "/both"},
	}}
	for file, want := range map[string]struct {
		kind, object, key string
		subPath, mounted  bool
	}{
		"/etc/ssl/tls.crt":    {"Secret", "web", "tls.crt", false, true},
		"/etc/ssl/sub/a.crt":  {"Secret", "web", "", false, true},
		"/etc/ssl/conf/a":     {"ConfigMap", "conf", "a", false, true},
		"/etc/nginx/a":        {"", "", "", false, true},
		"/etcetera":           {},
		"/some/certs/web.crt": {"Secret", "web", "tls.crt", false, true},
		"/some/tls.crt":       {"Secret", "web", "", false, true},
		"/inner/web.crt":      {"Secret", "web", "tls.crt", true, true},
		"/one.key":            {"Secret", "web", "tls.key", true, true},
		"/both/a":             {"ConfigMap", "conf", "a", false, true},
		"/both/b":             {"Secret", "web", "tls.key", false, true},
		"/both/c":             {"Secret", "web", "", false, true},
	} {
		got := follow(pod, container, file)
		if got.Kind != want.kind || got.Object != want.object || got.Key != want.key || got.SubPath != want.subPath || (got.Mount != nil) != want.mounted {
			t.Errorf("%s: %+v, want %+v", file, got, want)
		}
	}
}

func TestNginxListens(t *testing.T) {
	t.Parallel()
	pod := corev1.PodSpec{
		Containers: []corev1.Container{{VolumeMounts: []corev1.VolumeMount{{Name: "config", MountPath: "/etc/nginx/conf.d"}}}},
		Volumes: []corev1.Volume{{Name: "config", VolumeSource: corev1.VolumeSource{
			ConfigMap: &corev1.ConfigMapVolumeSource{LocalObjectReference: corev1.LocalObjectReference{Name: "conf"}},
		}}},
	}
	for listens, want := range map[string]int{
		"443 ssl": 443, "[::]:8443 ssl": 8443, "*:444": 444, "127.0.0.1:445 ssl": 445, "localhost": 80, "127.0.0.1": 80, "[::1]": 80, "unix:/run/nginx.sock": 0,
	} {
		conf := map[string]*corev1.ConfigMap{"conf": {Data: map[string]string{"a.conf": "server { ssl_certificate a; listen " + listens + "; }", "b.conf": "listen 81;"}}}
		got := NginxListens(pod, conf)
		if want == 0 && len(got) != 0 || want != 0 && (len(got) != 1 || got[0] != want) {
			t.Errorf("listen %s: %v, want %d", listens, got, want)
		}
	}
}
