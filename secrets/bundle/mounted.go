package bundle

import (
	"path"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
)

// mounted is what a path in a container leads to.
type mounted struct {
	Mount   *corev1.VolumeMount // nil where the path is in the image
	Kind    string              // "Secret" or "ConfigMap"; "" where the volume holds neither
	Object  string              // the name of it
	Key     string              // "" where the volume has no such file
	SubPath bool                // the file never changes while the container runs
}

// follow finds what a path leads to in a container of a pod.
func follow(pod corev1.PodSpec, container corev1.Container, file string) mounted {
	var m mounted
	for i, mount := range container.VolumeMounts {
		inside := mount.MountPath == file || strings.HasPrefix(file, strings.TrimSuffix(mount.MountPath, "/")+"/")
		if inside && (m.Mount == nil || len(mount.MountPath) > len(m.Mount.MountPath)) {
			m.Mount = &container.VolumeMounts[i]
		}
	}
	if m.Mount == nil {
		return m
	}
	m.SubPath = m.Mount.SubPath != "" || m.Mount.SubPathExpr != ""
	name := path.Join(m.Mount.SubPath, strings.TrimPrefix(strings.TrimPrefix(file, m.Mount.MountPath), "/"))
	for _, entry := range Entries(pod, m.Mount.Name) {
		if m.Kind == "" || entry.Kind == "Secret" { // what a projected volume lacks is to be in its Secret
			m.Kind, m.Object = entry.Kind, entry.Object
		}
		if key, ok := entry.keyAt(name); ok {
			m.Kind, m.Object, m.Key = entry.Kind, entry.Object, key
			break
		}
	}
	return m
}

// VolumeEntry is a Secret or ConfigMap that a volume holds.
type VolumeEntry struct {
	Kind, Object string
	items        []corev1.KeyToPath // none: each key is a file
}

// keyAt is the key whose value is in a file of the volume. Where no items are listed that is any key: what the
// Object holds is not known here.
func (e VolumeEntry) keyAt(file string) (string, bool) {
	if len(e.items) == 0 {
		return file, !strings.Contains(file, "/")
	}
	i := slices.IndexFunc(e.items, func(item corev1.KeyToPath) bool { return path.Clean(item.Path) == file })
	if i < 0 {
		return "", false
	}
	return e.items[i].Key, true
}

// Entries are the Secrets and ConfigMaps in a volume of a pod, by the volume's name.
func Entries(pod corev1.PodSpec, volume string) (all []VolumeEntry) {
	for _, v := range pod.Volumes {
		if v.Name != volume {
			continue
		}
		if v.Secret != nil {
			all = append(all, VolumeEntry{"Secret", v.Secret.SecretName, v.Secret.Items})
		}
		if v.ConfigMap != nil {
			all = append(all, VolumeEntry{"ConfigMap", v.ConfigMap.Name, v.ConfigMap.Items})
		}
		if v.Projected != nil {
			for _, source := range v.Projected.Sources {
				if source.Secret != nil {
					all = append(all, VolumeEntry{"Secret", source.Secret.Name, source.Secret.Items})
				}
				if source.ConfigMap != nil {
					all = append(all, VolumeEntry{"ConfigMap", source.ConfigMap.Name, source.ConfigMap.Items})
				}
			}
		}
	}
	return all
}

// MountedObjects are the names of the Secrets, or the ConfigMaps, that the containers of a pod mount.
func MountedObjects(pod corev1.PodSpec, kind string) (names []string) {
	for _, container := range pod.Containers {
		for _, mount := range container.VolumeMounts {
			for _, entry := range Entries(pod, mount.Name) {
				if entry.Kind == kind && !slices.Contains(names, entry.Object) {
					names = append(names, entry.Object)
				}
			}
		}
	}
	return names
}
