package secrets

import (
	"path"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
)

// mounted is what a path in a container leads to.
type mounted struct {
	mount   *corev1.VolumeMount // nil where the path is in the image
	kind    string              // "Secret" or "ConfigMap"; "" where the volume holds neither
	object  string              // the name of it
	key     string              // "" where the volume has no such file
	subPath bool                // the file never changes while the container runs
}

// follow finds what a path leads to in a container of a pod.
func follow(pod corev1.PodSpec, container corev1.Container, file string) mounted {
	var m mounted
	for i, mount := range container.VolumeMounts {
		inside := mount.MountPath == file || strings.HasPrefix(file, strings.TrimSuffix(mount.MountPath, "/")+"/")
		if inside && (m.mount == nil || len(mount.MountPath) > len(m.mount.MountPath)) {
			m.mount = &container.VolumeMounts[i]
		}
	}
	if m.mount == nil {
		return m
	}
	m.subPath = m.mount.SubPath != "" || m.mount.SubPathExpr != ""
	name := path.Join(m.mount.SubPath, strings.TrimPrefix(strings.TrimPrefix(file, m.mount.MountPath), "/"))
	for _, entry := range entries(pod, m.mount.Name) {
		if m.kind == "" || entry.kind == "Secret" { // what a projected volume lacks is to be in its Secret
			m.kind, m.object = entry.kind, entry.object
		}
		if key, ok := entry.keyAt(name); ok {
			m.kind, m.object, m.key = entry.kind, entry.object, key
			break
		}
	}
	return m
}

// volumeEntry is a Secret or ConfigMap that a volume holds.
type volumeEntry struct {
	kind, object string
	items        []corev1.KeyToPath // none: each key is a file
}

// keyAt is the key whose value is in a file of the volume. Where no items are listed that is any key: what the
// object holds is not known here.
func (e volumeEntry) keyAt(file string) (string, bool) {
	if len(e.items) == 0 {
		return file, !strings.Contains(file, "/")
	}
	i := slices.IndexFunc(e.items, func(item corev1.KeyToPath) bool { return path.Clean(item.Path) == file })
	if i < 0 {
		return "", false
	}
	return e.items[i].Key, true
}

// entries are the Secrets and ConfigMaps in a volume of a pod, by the volume's name.
func entries(pod corev1.PodSpec, volume string) (all []volumeEntry) {
	for _, v := range pod.Volumes {
		if v.Name != volume {
			continue
		}
		if v.Secret != nil {
			all = append(all, volumeEntry{"Secret", v.Secret.SecretName, v.Secret.Items})
		}
		if v.ConfigMap != nil {
			all = append(all, volumeEntry{"ConfigMap", v.ConfigMap.Name, v.ConfigMap.Items})
		}
		if v.Projected != nil {
			for _, source := range v.Projected.Sources {
				if source.Secret != nil {
					all = append(all, volumeEntry{"Secret", source.Secret.Name, source.Secret.Items})
				}
				if source.ConfigMap != nil {
					all = append(all, volumeEntry{"ConfigMap", source.ConfigMap.Name, source.ConfigMap.Items})
				}
			}
		}
	}
	return all
}

// mountedObjects are the names of the Secrets, or the ConfigMaps, that the containers of a pod mount.
func mountedObjects(pod corev1.PodSpec, kind string) (names []string) {
	for _, container := range pod.Containers {
		for _, mount := range container.VolumeMounts {
			for _, entry := range entries(pod, mount.Name) {
				if entry.kind == kind && !slices.Contains(names, entry.object) {
					names = append(names, entry.object)
				}
			}
		}
	}
	return names
}
