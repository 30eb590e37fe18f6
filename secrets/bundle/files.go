package bundle

import (
	"maps"
	"path"
	"slices"
	"strconv"
	"strings"

	corev1 "k8s.io/api/core/v1"
)

// NamedFile is a file that nginx's configuration names, and where it is.
type NamedFile struct {
	Conf      string // "default.conf of configmap/nginxconfigmap"
	Directive string
	Path      string
	Container string
	At        mounted
}

// Same reports whether two pods have a file from the same place.
func (f NamedFile) Same(other NamedFile) bool {
	return f.Conf == other.Conf && f.Path == other.Path && f.Container == other.Container &&
		f.At.Kind == other.At.Kind && f.At.Object == other.At.Object && f.At.Key == other.At.Key
}

// nginxDir is where nginx looks for a path that does not begin with a slash.
const nginxDir = "/etc/nginx"

// NamedFiles are the certificates and keys that nginx's configuration names, in the containers of a pod that
// mount this configuration.
func NamedFiles(pod corev1.PodSpec, configMaps map[string]*corev1.ConfigMap) (files []NamedFile) {
	for _, container := range pod.Containers {
		for conf, all := range nginxConfs(pod, container, configMaps) {
			for _, d := range all {
				if d.name != "ssl_certificate" && d.name != "ssl_certificate_key" || len(d.args) != 1 || strings.ContainsAny(d.args[0], "$:") {
					continue // a variable, "data:…" or "engine:…"
				}
				file := path.Clean(d.args[0])
				if !path.IsAbs(file) {
					file = path.Join(nginxDir, file)
				}
				files = append(files, NamedFile{conf, d.name, file, container.Name, follow(pod, container, file)})
			}
		}
	}
	slices.SortFunc(files, func(a, b NamedFile) int { return strings.Compare(a.Conf+a.Directive+a.Path, b.Conf+b.Directive+b.Path) })
	return files
}

// NginxListens are the ports that nginx's configuration in a pod's ConfigMaps listens on; none where it is not
// there.
func NginxListens(pod corev1.PodSpec, configMaps map[string]*corev1.ConfigMap) (ports []int) {
	for _, container := range pod.Containers {
		for _, all := range nginxConfs(pod, container, configMaps) {
			for _, d := range all {
				if d.name != "listen" || len(d.args) == 0 || strings.HasPrefix(d.args[0], "unix:") {
					continue
				}
				port := 80 // nginx's default
				if n, err := strconv.Atoi(d.args[0][strings.LastIndexByte(d.args[0], ':')+1:]); err == nil {
					port = n
				}
				ports = append(ports, port)
			}
		}
	}
	slices.Sort(ports)
	return slices.Compact(ports)
}

// nginxConfs are the files of ConfigMaps in a container that are configurations of nginx with TLS.
func nginxConfs(pod corev1.PodSpec, container corev1.Container, configMaps map[string]*corev1.ConfigMap) map[string][]directive {
	confs := map[string][]directive{}
	for _, mount := range container.VolumeMounts {
		for _, entry := range Entries(pod, mount.Name) {
			config := configMaps[entry.Object]
			if entry.Kind != "ConfigMap" || config == nil {
				continue
			}
			for _, key := range slices.Sorted(maps.Keys(config.Data)) {
				all := directives(config.Data[key])
				if slices.ContainsFunc(all, func(d directive) bool { return d.name == "ssl_certificate" }) {
					confs[key+" of configmap/"+entry.Object] = all
				}
			}
		}
	}
	return confs
}
