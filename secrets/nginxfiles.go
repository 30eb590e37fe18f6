package secrets

import (
	"maps"
	"path"
	"slices"
	"strconv"
	"strings"

	corev1 "k8s.io/api/core/v1"
)

// namedFile is a file that nginx's configuration names, and where it is.
type namedFile struct {
	conf      string // "default.conf of configmap/nginxconfigmap"
	directive string
	path      string
	container string
	at        mounted
}

// same reports whether two pods have a file from the same place.
func (f namedFile) same(other namedFile) bool {
	return f.conf == other.conf && f.path == other.path && f.container == other.container &&
		f.at.kind == other.at.kind && f.at.object == other.at.object && f.at.key == other.at.key
}

// nginxDir is where nginx looks for a path that does not begin with a slash.
const nginxDir = "/etc/nginx"

// namedFiles are the certificates and keys that nginx's configuration names, in the containers of a pod that
// mount this configuration.
func namedFiles(pod corev1.PodSpec, configMaps map[string]*corev1.ConfigMap) (files []namedFile) {
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
				files = append(files, namedFile{conf, d.name, file, container.Name, follow(pod, container, file)})
			}
		}
	}
	slices.SortFunc(files, func(a, b namedFile) int { return strings.Compare(a.conf+a.directive+a.path, b.conf+b.directive+b.path) })
	return files
}

// nginxListens are the ports that nginx's configuration in a pod's ConfigMaps listens on; none where it is not
// there.
func nginxListens(pod corev1.PodSpec, configMaps map[string]*corev1.ConfigMap) (ports []int) {
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
		for _, entry := range entries(pod, mount.Name) {
			config := configMaps[entry.object]
			if entry.kind != "ConfigMap" || config == nil {
				continue
			}
			for _, key := range slices.Sorted(maps.Keys(config.Data)) {
				all := directives(config.Data[key])
				if slices.ContainsFunc(all, func(d directive) bool { return d.name == "ssl_certificate" }) {
					confs[key+" of configmap/"+entry.object] = all
				}
			}
		}
	}
	return confs
}
