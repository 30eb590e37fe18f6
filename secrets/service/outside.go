package service

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
)

func (l *pathList) nodePorts() {
	exposed := slices.DeleteFunc(slices.Clone(l.ports), func(p *Port) bool { return p.NodePort == 0 })
	if len(exposed) == 0 {
		return
	}
	if len(l.nodes) == 0 {
		usable, why := UsableNo, "there are no nodes"
		if l.unknown.nodes {
			usable, why = UsableUnknown, "the nodes cannot be listed"
		}
		for _, p := range exposed {
			l.add(Path{Kind: PathNodePort, Port: p, Usable: usable, Why: fmt.Sprintf("port %d of each node, but %s", p.NodePort, why)})
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
