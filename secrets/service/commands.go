package service

import (
	"fmt"
	"runtime"
	"slices"
	"strconv"
	"strings"

	corev1 "k8s.io/api/core/v1"

	"certgen/secrets"
	"certgen/secrets/bundle"
)

// kubectlProxyPort is the port that kubectl proxy listens on unless told otherwise.
const kubectlProxyPort = 8001

// proxies adds the API server's proxy, which speaks HTTP to TCP ports only.
func (l *pathList) proxies() {
	for _, p := range l.tcp() {
		l.add(l.proxy(*p))
	}
	words := []string{"proxy", fmt.Sprintf("--port=%d", kubectlProxyPort)}
	if strings.Trim(l.server.Path, "/") != "" {
		words = append(words, "--append-server-path") // or it would leave that path out
	}
	for _, p := range l.tcp() {
		path := proxyPath(l.service, *p)
		l.add(Path{Kind: PathKubectlProxy, Port: p, Address: fmt.Sprintf("http://127.0.0.1:%d", kubectlProxyPort) + path, Command: l.kubectl(words...), request: path})
	}
}

func (l *pathList) proxy(p Port) Path {
	path := proxyPath(l.service, p)
	return Path{Kind: PathProxy, Port: &p, Address: l.server.JoinPath(path).String(), Command: l.kubectl("get", "--raw", path), request: path}
}

func (l *pathList) tcp() []*Port {
	return slices.DeleteFunc(slices.Clone(l.ports), func(p *Port) bool { return p.Protocol != corev1.ProtocolTCP })
}

// kubectl is a command to paste.
func (l *pathList) kubectl(words ...string) string {
	return shellLine(runtime.GOOS == "windows", slices.Concat([]string{"kubectl"}, l.options.KubectlFlags, words)...)
}

// inNamespace puts the namespace after the verb, where people expect it.
func (l *pathList) inNamespace(verb string, words ...string) string {
	return l.kubectl(append([]string{verb, "-n", l.service.Namespace}, words...)...)
}

// forwards adds port-forwards: to the Service, or to a pod where kubectl would not find one by a selector, or
// would take the port of a Service without cluster IP for the pod's though it is another.
func (l *pathList) forwards() {
	for _, p := range l.tcp() {
		target, remote := "service/"+l.service.Name, p.Number
		if len(l.service.Spec.Selector) == 0 || l.numberAt(p) != remote {
			pod := l.somePod()
			if pod == "" {
				continue
			}
			target, remote = "pod/"+pod, l.podPort(p)
		}
		local := localPort(remote)
		l.add(Path{Kind: PathPortForward, Port: p, Address: hostPort("127.0.0.1", local), Command: l.inNamespace("port-forward", target, fmt.Sprintf("%d:%d", local, remote))})
	}
}

// localPort is a port of this machine that needs no rights: below 1024 they do, so 443 becomes 8443.
func localPort(port int32) int32 {
	if port < 1024 {
		return port + 8000
	}
	return port
}

// somePod is a ready pod behind the Service, "" where there is none.
func (l *pathList) somePod() string {
	for _, e := range l.ready() {
		if e.pod != "" {
			return e.pod
		}
	}
	return ""
}

// execs adds a curl inside the cluster: in the pod that [bundle.Curl] makes, or one of the Service's own.
func (l *pathList) execs() {
	pod := l.somePod()
	if !l.client && pod == "" {
		return
	}
	for _, p := range l.tcp() {
		address := "http://" + l.service.Name + "." + l.service.Namespace + ".svc"
		standard := int32(80)
		if p.HTTPS {
			address, standard = strings.Replace(address, "http:", "https:", 1), 443
		}
		if number := l.numberAt(p); number != standard {
			address += ":" + strconv.Itoa(int(number))
		}
		path := Path{Kind: PathExec, Port: p, Address: address}
		switch {
		case l.client && p.HTTPS:
			path.Command = l.inNamespace("exec", "deploy/"+bundle.CurlName, "--", "curl", "-sS", "--cacert", bundle.CertificateDir+"/"+secrets.CAKey, address)
		case l.client:
			path.Command = l.inNamespace("exec", "deploy/"+bundle.CurlName, "--", "curl", "-sS", address)
		default:
			path.Proves, path.ProvesNot = "names and Service, as this pod sees them; its image needs curl", "the certificate, which curl -k does not verify"
			path.Command = l.inNamespace("exec", pod, "--", "curl", "-sSk", address)
		}
		l.add(path)
	}
}
