package testbed

import (
	"io/fs"
	"os/exec"
	"strings"
	"testing/fstest"
)

// The images of a node, by what manifests call them.
const (
	// NginxDebian has Debian's nginx and its files as Debian has them. It is what the tutorial's manifests name.
	NginxDebian = "nginx"
	// NginxOfficial has the files of the official image, with Debian's nginx. It is what certgen's bundle names.
	NginxOfficial = "nginx:stable"
	// Curl has a shell and curl. It is what the tutorial's command names; certgen's bundle has another name
	// for it.
	Curl = "radial/busyboxplus:curl"
)

const (
	corednsImage = "testbed/coredns:1"
	pauseImage   = "testbed/pause:1" // containerd.toml names it
)

// nodeImages makes the images of a node, from programs and files that this machine has from Debian's packages
// and from CoreDNS as it was built.
func nodeImages(coredns string) (map[string]image, error) {
	images := map[string]image{}
	for name, build := range map[string]func(files fstest.MapFS) (run, error){
		"library/nginx:latest":    debianNginx,
		"library/nginx:stable":    officialNginx,
		"radial/busyboxplus:curl": curl,
		"curlimages/curl:latest":  curl,
		pauseImage: func(files fstest.MapFS) (run, error) {
			return run{Entrypoint: []string{"/bin/sleep", "infinity"}, User: "65535:65535"}, addShell(files)
		},
		corednsImage: func(files fstest.MapFS) (run, error) {
			return run{Entrypoint: []string{"/coredns"}}, addFile(files, "coredns", coredns, 0o755)
		},
	} {
		files := fstest.MapFS{"tmp": folder()}
		run, err := build(files)
		if err != nil {
			return nil, err
		}
		if images[name], err = pack(files, run); err != nil {
			return nil, err
		}
	}
	return images, nil
}

// addShell adds busybox, under the names that tests call.
func addShell(files fstest.MapFS) error {
	for _, name := range []string{"sh", "sleep", "cat", "ls", "nslookup"} {
		files["bin/"+name] = link("/usr/bin/busybox")
	}
	return addProgram(files, "busybox")
}

func curl(files fstest.MapFS) (run, error) {
	if err := addShell(files); err != nil {
		return run{}, err
	}
	const roots = "/etc/ssl/certs/ca-certificates.crt" // without, curl looks at no certificate at all
	if err := addFile(files, roots, roots, 0o644); err != nil {
		return run{}, err
	}
	return run{Cmd: []string{"sh"}}, addProgram(files, "curl")
}

// users returns /etc/passwd, where nginx looks up whom it is to become.
func users(nginx string) *fstest.MapFile {
	return text("root:x:0:0:root:/root:/bin/sh", nginx)
}

// addNginx adds what both images have: the program, Debian's files for it and the logs that a container shows.
func addNginx(files fstest.MapFS) error {
	list, err := exec.Command("dpkg", "-L", "nginx-common").Output()
	if err != nil {
		return err
	}
	for _, path := range strings.Fields(string(list)) {
		if path == "/etc/nginx/nginx.conf" || path == "/etc/nginx/mime.types" || strings.HasPrefix(path, "/usr/share/nginx/html/") {
			if err := addFile(files, path, path, 0o644); err != nil {
				return err
			}
		}
	}
	files["var/log/nginx/access.log"] = link("/dev/stdout")
	files["var/log/nginx/error.log"] = link("/dev/stderr")
	files["run"] = folder()
	files["etc/nginx/conf.d/default.conf"] = text(
		"server {",
		"    listen 80;",
		"    location / { root /usr/share/nginx/html; }",
		"}")
	for _, program := range []string{"nginx", "printenv"} {
		if err := addProgram(files, program); err != nil {
			return err
		}
	}
	return addShell(files)
}

func debianNginx(files fstest.MapFS) (run, error) {
	files["etc/passwd"] = users("www-data:x:33:33::/var/www:/bin/false")
	files["etc/group"] = text("root:x:0:", "www-data:x:33:")
	files["var/lib/nginx"] = folder()
	return run{Cmd: []string{"nginx", "-g", "daemon off;"}}, addNginx(files)
}

// officialNginx lays the files out as the official image does, but for the temporary folders that Debian's
// nginx has compiled in: https://github.com/nginx/docker-nginx/tree/master/stable/debian
func officialNginx(files fstest.MapFS) (run, error) {
	if err := addNginx(files); err != nil {
		return run{}, err
	}
	files["etc/passwd"] = users("nginx:x:101:101:nginx user:/nonexistent:/bin/false")
	files["etc/group"] = text("root:x:0:", "nginx:x:101:")
	files["etc/nginx/nginx.conf"] = text(
		"user nginx;",
		"worker_processes auto;",
		"error_log /var/log/nginx/error.log notice;",
		"pid /var/run/nginx.pid;",
		"events { worker_connections 1024; }",
		"http {",
		"    include /etc/nginx/mime.types;",
		"    default_type application/octet-stream;",
		"    access_log /var/log/nginx/access.log;",
		"    sendfile on;",
		"    keepalive_timeout 65;",
		"    include /etc/nginx/conf.d/*.conf;",
		"}")
	files["var/cache/nginx"] = &fstest.MapFile{Mode: fs.ModeDir | 0o755}
	files["var/lib/nginx"] = folder()
	files["var/run"] = link("/run")
	// Like the real one it prepares the configuration, which it may not where that is mounted, and then
	// makes way for nginx.
	files["docker-entrypoint.sh"] = &fstest.MapFile{Mode: 0o755, Data: []byte(`#!/bin/sh
set -e
if [ -w /etc/nginx/conf.d/default.conf ]; then
	echo "$0: would listen on IPv6 too"
else
	echo "$0: can not modify /etc/nginx/conf.d/default.conf (read-only file system?)"
fi
exec "$@"
`)}
	return run{Entrypoint: []string{"/docker-entrypoint.sh"}, Cmd: []string{"nginx", "-g", "daemon off;"}, StopSignal: "SIGQUIT"}, nil
}
