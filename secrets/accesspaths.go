package secrets

import (
	"cmp"
	"fmt"
	"net"
	"net/url"
	"runtime"
	"slices"
	"strconv"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/labels"
)

// AccessOptions say how the paths are written. The zero value is good.
type AccessOptions struct {
	ClusterDomain string   // "" is ClusterDomain
	KubectlFlags  []string // that name the cluster, such as --context, for the commands to paste
}

// accessFacts are what the API server says of a Service and what is around it.
type accessFacts struct {
	service   corev1.Service
	endpoints []endpoint
	nodes     []corev1.Node // those of the cluster, where the Service has node ports
	client    bool          // the Deployment that [Curl] makes is there
	server    *url.URL      // the API server, without credentials
	unknown   unknown
}

// ready are the endpoints that get connections.
func (f accessFacts) ready() []endpoint {
	return slices.DeleteFunc(slices.Clone(f.endpoints), func(e endpoint) bool { return !e.ready })
}

// unknown is what the user may not read.
type unknown struct{ endpoints, nodes bool }

// pathList makes the paths of one Service.
type pathList struct {
	accessFacts
	options AccessOptions
	ports   []*Port
	access  *Access
}

func newPathList(f accessFacts, o AccessOptions) *pathList {
	o.ClusterDomain = cmp.Or(o.ClusterDomain, ClusterDomain)
	s := f.service
	l := &pathList{accessFacts: f, options: o, access: &Access{
		Namespace: s.Namespace, Name: s.Name, Type: cmp.Or(s.Spec.Type, corev1.ServiceTypeClusterIP),
	}}
	for _, p := range s.Spec.Ports {
		l.ports = append(l.ports, portOf(p))
	}
	return l
}

// accessOf lists every way to a Service.
func accessOf(f accessFacts, o AccessOptions) *Access {
	l, s := newPathList(f, o), f.service
	l.access.leadsTo = l.addresses()
	l.clusterIPs()
	l.names()
	if l.access.Type == corev1.ServiceTypeExternalName {
		l.access.leadsTo = []string{s.Spec.ExternalName}
		l.perPort(PathExternalName, s.Spec.ExternalName)
		return l.access
	}
	l.pods()
	l.environment()
	l.nodePorts()
	l.loadBalancers()
	for _, address := range s.Spec.ExternalIPs {
		l.perPort(PathExternalIP, address)
	}
	l.proxies()
	l.forwards()
	l.execs()
	l.remarks()
	return l.access
}

func (l *pathList) note(format string, args ...any) {
	l.access.Notes = append(l.access.Notes, fmt.Sprintf(format, args...))
}

func (l *pathList) add(p Path) {
	if p.Proves == "" {
		p.Proves, p.ProvesNot = proofs[p.Kind].proves, proofs[p.Kind].provesNot
	}
	l.access.Paths = append(l.access.Paths, p)
}

// perPort adds a path a port of the Service; a Service of the type ExternalName may have none.
func (l *pathList) perPort(kind PathKind, host string) {
	for _, p := range l.ports {
		l.add(Path{Kind: kind, Port: p, Address: hostPort(host, l.numberAt(p))})
	}
	if len(l.ports) == 0 {
		l.add(Path{Kind: kind, Address: host})
	}
}

// numberAt is the number under which a name or address of the Service's own has a port. Nothing translates
// the ports of a Service without a cluster IP: its names are those of the pods, and so are its ports.
func (l *pathList) numberAt(p *Port) int32 {
	if l.headless() {
		return l.podPort(p)
	}
	return p.Number
}

// podPort is the number that a port has in the pods. Where no endpoint tells and its target is a name, it is
// taken to be the same.
func (l *pathList) podPort(p *Port) int32 {
	for _, e := range l.endpoints {
		if number, ok := e.ports[p.Name]; ok {
			return number
		}
	}
	if number, err := strconv.ParseInt(p.TargetPort, 10, 32); err == nil {
		return int32(number)
	}
	return p.Number
}

func hostPort(host string, port int32) string { return net.JoinHostPort(host, strconv.Itoa(int(port))) }

func (l *pathList) headless() bool { return l.service.Spec.ClusterIP == corev1.ClusterIPNone }

// addresses are the cluster IPs: two where the Service has both families, none where it has no cluster IP.
func (l *pathList) addresses() []string {
	all := l.service.Spec.ClusterIPs
	if len(all) == 0 {
		all = []string{l.service.Spec.ClusterIP}
	}
	return slices.DeleteFunc(slices.Clone(all), func(ip string) bool { return ip == "" || ip == corev1.ClusterIPNone })
}

func (l *pathList) clusterIPs() {
	for _, ip := range l.addresses() {
		l.perPort(PathClusterIP, ip)
	}
}

func (l *pathList) names() {
	names := ServiceNames(l.service.Name, l.service.Namespace, l.options.ClusterDomain)
	for _, name := range names {
		l.perPort(PathDNS, name)
	}
	if !l.headless() {
		return
	}
	for _, e := range l.ready() {
		l.access.leadsTo = append(l.access.leadsTo, e.address)
		if e.hostname != "" {
			l.perPort(PathDNS, e.hostname+"."+names[len(names)-1])
		}
	}
}

func (l *pathList) pods() {
	if !l.headless() {
		return
	}
	for _, e := range l.ready() {
		for _, p := range l.ports {
			if number, ok := e.ports[p.Name]; ok {
				l.add(Path{Kind: PathPodIP, Port: p, Address: hostPort(e.address, number), Node: e.node})
			}
		}
	}
}

// environment lists the variables that the kubelet gives to a container that starts:
// https://github.com/kubernetes/kubernetes/blob/v1.37.2/pkg/kubelet/envvars/envvars.go
// It leaves out those that Docker's links had, which say the same again.
func (l *pathList) environment() {
	addresses := l.addresses()
	if len(addresses) == 0 || len(l.ports) == 0 {
		return
	}
	variable := func(port *Port, suffix, value string) {
		name := strings.ToUpper(strings.ReplaceAll(l.service.Name+suffix, "-", "_"))
		l.add(Path{Kind: PathEnvironment, Port: port, Address: name + "=" + value})
	}
	variable(nil, "_SERVICE_HOST", addresses[0])
	variable(l.ports[0], "_SERVICE_PORT", strconv.Itoa(int(l.ports[0].Number)))
	for _, p := range l.ports {
		if p.Name != "" {
			variable(p, "_SERVICE_PORT_"+p.Name, strconv.Itoa(int(p.Number)))
		}
	}
}

func (l *pathList) nodePorts() {
	exposed := slices.DeleteFunc(slices.Clone(l.ports), func(p *Port) bool { return p.NodePort == 0 })
	if len(exposed) == 0 {
		return
	}
	if l.unknown.nodes {
		for _, p := range exposed {
			l.add(Path{Kind: PathNodePort, Port: p, Usable: UsableUnknown,
				Why: fmt.Sprintf("port %d of each node, but the nodes cannot be listed", p.NodePort)})
		}
		return
	}
	var silent []string
	for _, node := range l.nodes {
		if !l.answers(node) {
			silent = append(silent, node.Name)
			continue
		}
		if !nodeReady(node) {
			l.note("node %s is not ready", node.Name)
		}
		for _, address := range node.Status.Addresses {
			if (address.Type != corev1.NodeInternalIP && address.Type != corev1.NodeExternalIP) || !l.hasFamilyOf(address.Address) {
				continue
			}
			for _, p := range exposed {
				l.add(Path{Kind: PathNodePort, Port: p, Address: hostPort(address.Address, p.NodePort), Node: node.Name})
			}
		}
	}
	if len(silent) > 0 {
		l.note("externalTrafficPolicy is Local: no node port on %s, where no pod behind the Service is ready", strings.Join(silent, ", "))
	}
	if len(l.nodes) == 0 {
		l.note("there are no nodes, so no node has the port")
	}
}

// answers reports whether a node passes on what comes to its node ports.
func (l *pathList) answers(node corev1.Node) bool {
	return l.service.Spec.ExternalTrafficPolicy != corev1.ServiceExternalTrafficPolicyLocal || l.unknown.endpoints ||
		slices.ContainsFunc(l.ready(), func(e endpoint) bool { return e.node == node.Name })
}

func nodeReady(node corev1.Node) bool {
	return slices.ContainsFunc(node.Status.Conditions, func(c corev1.NodeCondition) bool {
		return c.Type == corev1.NodeReady && c.Status == corev1.ConditionTrue
	})
}

// hasFamilyOf reports whether the Service is served on addresses of this one's family.
func (l *pathList) hasFamilyOf(address string) bool {
	family := corev1.IPv4Protocol
	if strings.Contains(address, ":") {
		family = corev1.IPv6Protocol
	}
	families := l.service.Spec.IPFamilies
	return len(families) == 0 || slices.Contains(families, family)
}

func (l *pathList) loadBalancers() {
	if l.access.Type != corev1.ServiceTypeLoadBalancer {
		return
	}
	ingress := l.service.Status.LoadBalancer.Ingress
	for _, i := range ingress {
		l.perPort(PathLoadBalancer, cmp.Or(i.IP, i.Hostname))
	}
	if len(ingress) == 0 {
		for _, p := range l.ports {
			l.add(Path{Kind: PathLoadBalancer, Port: p, Usable: UsableNo, Why: "pending: the cluster has not given it an address yet"})
		}
	}
	if ranges := l.service.Spec.LoadBalancerSourceRanges; len(ranges) > 0 {
		l.note("the load balancer admits clients from %s only", strings.Join(ranges, ", "))
	}
}

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

// execs adds a curl inside the cluster: in the pod that [Curl] makes, or one of the Service's own.
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
			path.Command = l.inNamespace("exec", "deploy/"+curlName, "--", "curl", "-sS", "--cacert", certificateDir+"/"+caKey, address)
		case l.client:
			path.Command = l.inNamespace("exec", "deploy/"+curlName, "--", "curl", "-sS", address)
		default:
			path.Proves, path.ProvesNot = "names and Service, as this pod sees them; its image needs curl", "the certificate, which curl -k does not verify"
			path.Command = l.inNamespace("exec", pod, "--", "curl", "-sSk", address)
		}
		l.add(path)
	}
}

// remarks says what holds for several paths.
func (l *pathList) remarks() {
	spec := l.service.Spec
	if l.unknown.endpoints {
		l.note("you may not list the EndpointSlices of namespace %s, so what is behind the Service is not known", l.service.Namespace)
	}
	if l.unknown.nodes {
		l.note("you may not list nodes, so their addresses are missing")
	}
	if len(spec.Selector) == 0 {
		l.note("the Service has no selector: its endpoints are not found by labels")
	}
	l.access.idle = !l.unknown.endpoints && len(l.ready()) == 0
	switch {
	case l.access.idle && len(l.endpoints) > 0:
		l.note("none of the %d endpoints behind the Service is ready", len(l.endpoints))
	case l.access.idle && len(spec.Selector) > 0:
		l.note("nothing is behind the Service: no pod with the labels %s has an address", labels.FormatLabels(spec.Selector))
	case l.access.idle:
		l.note("nothing is behind the Service: it has no endpoints")
	}
	if p := spec.InternalTrafficPolicy; p != nil && *p == corev1.ServiceInternalTrafficPolicyLocal {
		l.note("internalTrafficPolicy is Local: inside the cluster it answers only on nodes with a ready pod behind it")
	}
}
