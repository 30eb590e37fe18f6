package service

import (
	"cmp"
	"fmt"
	"net"
	"net/url"
	"slices"
	"strconv"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/labels"

	"certgen/secrets"
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
	client    bool          // the Deployment that bundle.Curl makes is there
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
	o.ClusterDomain = cmp.Or(o.ClusterDomain, secrets.ClusterDomain)
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
	kind := p.Kind
	if l.access.Type == corev1.ServiceTypeExternalName {
		kind = PathExternalName // its names in the cluster's DNS are other names for that
	}
	if p.Proves == "" {
		p.Proves, p.ProvesNot = proofs[kind].proves, proofs[kind].provesNot
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
	names := secrets.ServiceNames(l.service.Name, l.service.Namespace, l.options.ClusterDomain)
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

// remarks says what holds for several paths.
func (l *pathList) remarks() {
	spec := l.service.Spec
	if l.unknown.endpoints {
		l.note("you are not allowed to list the EndpointSlices of namespace %s, so what is behind the Service is not known", l.service.Namespace)
	}
	if l.unknown.nodes {
		l.note("you are not allowed to list nodes, so their addresses are missing")
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
