package service

import (
	"fmt"
	"net/url"
	"runtime"
	"slices"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/intstr"
)

// tutorialService is the Service my-nginx of the first seed, secured.
func tutorialService() corev1.Service {
	return corev1.Service{
		ObjectMeta: metav1.ObjectMeta{Name: "my-nginx", Namespace: "shop"},
		Spec: corev1.ServiceSpec{
			Type: corev1.ServiceTypeNodePort, Selector: map[string]string{"run": "my-nginx"},
			ClusterIP: "10.96.12.34", ClusterIPs: []string{"10.96.12.34"}, IPFamilies: []corev1.IPFamily{corev1.IPv4Protocol},
			Ports: []corev1.ServicePort{
				{Name: "http", Port: 8080, TargetPort: intstr.FromInt32(80), NodePort: 31704, Protocol: corev1.ProtocolTCP},
				{Name: "https", Port: 443, TargetPort: intstr.FromInt32(443), NodePort: 32453, Protocol: corev1.ProtocolTCP},
			},
		},
	}
}

// changed is the tutorial's Service after a change.
func changed(change func(*corev1.ServiceSpec)) corev1.Service {
	s := tutorialService()
	change(&s.Spec)
	return s
}

// headlessService has two pods, of which one has a name, and a port that nobody translates.
func headlessService() corev1.Service {
	s := tutorialService()
	s.Name = "db"
	s.Spec.Type, s.Spec.ClusterIP, s.Spec.ClusterIPs = corev1.ServiceTypeClusterIP, "None", []string{"None"}
	s.Spec.Ports = []corev1.ServicePort{{Port: 443, TargetPort: intstr.FromString("tls"), Protocol: corev1.ProtocolTCP}}
	return s
}

func sliceOf(ports map[string]int32, endpoints ...discoveryv1.Endpoint) discoveryv1.EndpointSlice {
	s := discoveryv1.EndpointSlice{Endpoints: endpoints}
	for name, number := range ports {
		s.Ports = append(s.Ports, discoveryv1.EndpointPort{Name: &name, Port: &number})
	}
	return s
}

func podAt(address, pod, node string, ready bool) discoveryv1.Endpoint {
	return discoveryv1.Endpoint{
		Addresses: []string{address}, NodeName: &node, Conditions: discoveryv1.EndpointConditions{Ready: &ready},
		TargetRef: &corev1.ObjectReference{Kind: "Pod", Name: pod},
	}
}

func named(e discoveryv1.Endpoint, hostname string) discoveryv1.Endpoint {
	e.Hostname = &hostname
	return e
}

func nodeAt(name string, ready corev1.ConditionStatus, addresses ...corev1.NodeAddress) corev1.Node {
	return corev1.Node{ObjectMeta: metav1.ObjectMeta{Name: name}, Status: corev1.NodeStatus{
		Addresses: addresses, Conditions: []corev1.NodeCondition{{Type: corev1.NodeReady, Status: ready}},
	}}
}

// TestAccess lists the ways to a Service of each kind, in the order of the table.
func TestAccess(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("the commands are quoted for PowerShell")
	}
	ready := sliceOf(map[string]int32{"http": 80, "https": 443}, podAt("10.244.0.5", "my-nginx-1", "n1", true), podAt("10.244.1.5", "my-nginx-2", "n2", false))
	nodes := []corev1.Node{
		nodeAt("n1", corev1.ConditionTrue, corev1.NodeAddress{Type: corev1.NodeHostName, Address: "n1"}, corev1.NodeAddress{Type: corev1.NodeInternalIP, Address: "192.0.2.1"},
			corev1.NodeAddress{Type: corev1.NodeInternalIP, Address: "2001:db8::1"}, corev1.NodeAddress{Type: corev1.NodeExternalIP, Address: "198.51.100.1"}),
		nodeAt("n2", corev1.ConditionFalse, corev1.NodeAddress{Type: corev1.NodeInternalIP, Address: "192.0.2.2"}),
	}
	behind := endpointsOf([]discoveryv1.EndpointSlice{ready})
	for name, test := range map[string]struct {
		facts   accessFacts
		options AccessOptions
		only    []PathKind // all where there are none
		want    string
	}{
		"the tutorial's": {accessFacts{service: tutorialService(), endpoints: behind, nodes: nodes}, AccessOptions{}, nil, `
cluster-ip http 8080/TCP 10.96.12.34:8080
cluster-ip https 443/TCP 10.96.12.34:443
dns http 8080/TCP my-nginx:8080
dns https 443/TCP my-nginx:443
dns http 8080/TCP my-nginx.shop:8080
dns https 443/TCP my-nginx.shop:443
dns http 8080/TCP my-nginx.shop.svc:8080
dns https 443/TCP my-nginx.shop.svc:443
dns http 8080/TCP my-nginx.shop.svc.cluster.local:8080
dns https 443/TCP my-nginx.shop.svc.cluster.local:443
environment MY_NGINX_SERVICE_HOST=10.96.12.34
environment http 8080/TCP MY_NGINX_SERVICE_PORT=8080
environment http 8080/TCP MY_NGINX_SERVICE_PORT_HTTP=8080
environment https 443/TCP MY_NGINX_SERVICE_PORT_HTTPS=443
node-port http 8080/TCP 192.0.2.1:31704 n1
node-port https 443/TCP 192.0.2.1:32453 n1
node-port http 8080/TCP 198.51.100.1:31704 n1
node-port https 443/TCP 198.51.100.1:32453 n1
node-port http 8080/TCP 192.0.2.2:31704 n2
node-port https 443/TCP 192.0.2.2:32453 n2
proxy http 8080/TCP https://203.0.113.1:6443/api/v1/namespaces/shop/services/my-nginx:http/proxy/
  kubectl get --raw /api/v1/namespaces/shop/services/my-nginx:http/proxy/
proxy https 443/TCP https://203.0.113.1:6443/api/v1/namespaces/shop/services/https:my-nginx:https/proxy/
  kubectl get --raw /api/v1/namespaces/shop/services/https:my-nginx:https/proxy/
kubectl-proxy http 8080/TCP http://127.0.0.1:8001/api/v1/namespaces/shop/services/my-nginx:http/proxy/
  kubectl proxy --port=8001
kubectl-proxy https 443/TCP http://127.0.0.1:8001/api/v1/namespaces/shop/services/https:my-nginx:https/proxy/
  kubectl proxy --port=8001
port-forward http 8080/TCP 127.0.0.1:8080
  kubectl port-forward -n shop service/my-nginx 8080:8080
port-forward https 443/TCP 127.0.0.1:8443
  kubectl port-forward -n shop service/my-nginx 8443:443
exec http 8080/TCP http://my-nginx.shop.svc:8080
  kubectl exec -n shop my-nginx-1 -- curl -sSk http://my-nginx.shop.svc:8080
exec https 443/TCP https://my-nginx.shop.svc
  kubectl exec -n shop my-nginx-1 -- curl -sSk https://my-nginx.shop.svc
note: node n2 is not ready
`},
		"headless": {accessFacts{service: headlessService(), endpoints: endpointsOf([]discoveryv1.EndpointSlice{
			sliceOf(map[string]int32{"": 8443}, named(podAt("10.244.0.5", "db-0", "n1", true), "db-0"), podAt("10.244.0.6", "db-1", "n1", true), podAt("10.244.0.7", "db-2", "n1", false)),
		}), client: true}, AccessOptions{ClusterDomain: "corp.example", KubectlFlags: []string{"--context", "it's mine"}}, nil, `
dns 443/TCP db:8443
dns 443/TCP db.shop:8443
dns 443/TCP db.shop.svc:8443
dns 443/TCP db.shop.svc.corp.example:8443
dns 443/TCP db-0.db.shop.svc.corp.example:8443
pod-ip 443/TCP 10.244.0.5:8443 n1
pod-ip 443/TCP 10.244.0.6:8443 n1
proxy 443/TCP https://203.0.113.1:6443/api/v1/namespaces/shop/services/https:db:/proxy/
  kubectl --context 'it'\''s mine' get --raw /api/v1/namespaces/shop/services/https:db:/proxy/
kubectl-proxy 443/TCP http://127.0.0.1:8001/api/v1/namespaces/shop/services/https:db:/proxy/
  kubectl --context 'it'\''s mine' proxy --port=8001
port-forward 443/TCP 127.0.0.1:8443
  kubectl --context 'it'\''s mine' port-forward -n shop pod/db-0 8443:8443
exec 443/TCP https://db.shop.svc:8443
  kubectl --context 'it'\''s mine' exec -n shop deploy/curl-deployment -- curl -sS --cacert /etc/nginx/ssl/ca.crt https://db.shop.svc:8443
`},
		"two families": {accessFacts{service: changed(func(s *corev1.ServiceSpec) {
			s.ClusterIPs, s.IPFamilies = []string{"10.96.12.34", "fd00::1234"}, []corev1.IPFamily{corev1.IPv4Protocol, corev1.IPv6Protocol}
			s.Ports = s.Ports[1:]
			s.ExternalIPs = []string{"2001:db8::99"}
		}), endpoints: behind, nodes: nodes[:1]}, AccessOptions{}, []PathKind{PathClusterIP, PathEnvironment, PathNodePort, PathExternalIP}, `
cluster-ip https 443/TCP 10.96.12.34:443
cluster-ip https 443/TCP [fd00::1234]:443
environment MY_NGINX_SERVICE_HOST=10.96.12.34
environment https 443/TCP MY_NGINX_SERVICE_PORT=443
environment https 443/TCP MY_NGINX_SERVICE_PORT_HTTPS=443
node-port https 443/TCP 192.0.2.1:32453 n1
node-port https 443/TCP [2001:db8::1]:32453 n1
node-port https 443/TCP 198.51.100.1:32453 n1
external-ip https 443/TCP [2001:db8::99]:443
`},
		"a load balancer that waits, for clients of some nodes": {accessFacts{service: changed(func(s *corev1.ServiceSpec) {
			s.Type, s.ExternalTrafficPolicy, s.LoadBalancerSourceRanges = corev1.ServiceTypeLoadBalancer, corev1.ServiceExternalTrafficPolicyLocal, []string{"203.0.113.0/24"}
			s.Ports = s.Ports[1:]
		}), endpoints: behind, nodes: nodes}, AccessOptions{}, []PathKind{PathNodePort, PathLoadBalancer}, `
node-port https 443/TCP 192.0.2.1:32453 n1
node-port https 443/TCP 198.51.100.1:32453 n1
load-balancer https 443/TCP
  no: pending: the cluster has not given it an address yet
note: externalTrafficPolicy is Local: no node port on n2, where no pod behind the Service is ready
note: the load balancer admits clients from 203.0.113.0/24 only
`},
		"little is known": {accessFacts{service: changed(func(s *corev1.ServiceSpec) {
			s.Ports = s.Ports[1:]
		}), unknown: unknown{endpoints: true, nodes: true}}, AccessOptions{}, []PathKind{PathNodePort, PathPortForward, PathExec}, `
node-port https 443/TCP
  unknown: port 32453 of each node, but the nodes cannot be listed
port-forward https 443/TCP 127.0.0.1:8443
  kubectl port-forward -n shop service/my-nginx 8443:443
note: you are not allowed to list the EndpointSlices of namespace shop, so what is behind the Service is not known
note: you are not allowed to list nodes, so their addresses are missing
`},
		"without a selector": {accessFacts{service: changed(func(s *corev1.ServiceSpec) {
			s.Selector, s.Ports = nil, s.Ports[:1]
		}), endpoints: behind[:1], client: true}, AccessOptions{}, []PathKind{PathNodePort, PathPortForward, PathExec}, `
node-port http 8080/TCP
  no: port 31704 of each node, but there are no nodes
port-forward http 8080/TCP 127.0.0.1:8080
  kubectl port-forward -n shop pod/my-nginx-1 8080:80
exec http 8080/TCP http://my-nginx.shop.svc:8080
  kubectl exec -n shop deploy/curl-deployment -- curl -sS http://my-nginx.shop.svc:8080
note: the Service has no selector: its endpoints are not found by labels
`},
		"a name outside": {accessFacts{service: changed(func(s *corev1.ServiceSpec) {
			*s = corev1.ServiceSpec{Type: corev1.ServiceTypeExternalName, ExternalName: "www.example.com", Ports: []corev1.ServicePort{{Port: 443}}}
		})}, AccessOptions{}, nil, `
dns 443/TCP my-nginx:443
dns 443/TCP my-nginx.shop:443
dns 443/TCP my-nginx.shop.svc:443
dns 443/TCP my-nginx.shop.svc.cluster.local:443
external-name 443/TCP www.example.com:443
`},
		"a server below a path": {accessFacts{service: changed(func(s *corev1.ServiceSpec) {
			s.Ports = []corev1.ServicePort{{Port: 80, AppProtocol: new("https"), Protocol: corev1.ProtocolTCP}, {Name: "dns", Port: 53, Protocol: corev1.ProtocolUDP}}
			s.InternalTrafficPolicy = new(corev1.ServiceInternalTrafficPolicyLocal)
		}), server: &url.URL{Scheme: "https", Host: "rancher.example", Path: "/k8s/clusters/c-1/"}}, AccessOptions{}, []PathKind{PathProxy, PathKubectlProxy}, `
proxy 80/TCP https://rancher.example/k8s/clusters/c-1/api/v1/namespaces/shop/services/https:my-nginx:/proxy/
  kubectl get --raw /api/v1/namespaces/shop/services/https:my-nginx:/proxy/
kubectl-proxy 80/TCP http://127.0.0.1:8001/api/v1/namespaces/shop/services/https:my-nginx:/proxy/
  kubectl proxy --port=8001 --append-server-path
note: nothing is behind the Service: no pod with the labels run=my-nginx has an address
note: internalTrafficPolicy is Local: inside the cluster it answers only on nodes with a ready pod behind it
`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if test.facts.server == nil {
				test.facts.server = &url.URL{Scheme: "https", Host: "203.0.113.1:6443"}
			}
			access := accessOf(test.facts, test.options)
			access.Paths = slices.DeleteFunc(access.Paths, func(p Path) bool { return len(test.only) > 0 && !slices.Contains(test.only, p.Kind) })
			if got := "\n" + accessText(access); got != test.want {
				t.Errorf("got%s\nwant%s", got, test.want)
			}
		})
	}
}

// accessText writes what is particular to each path on a line.
func accessText(a *Access) string {
	var b strings.Builder
	for _, p := range a.Paths {
		fmt.Fprint(&b, p.Kind)
		if p.Port != nil {
			fmt.Fprintf(&b, " %s", p.Port)
		}
		fmt.Fprintln(&b, strings.TrimRight(fmt.Sprintf(" %s %s", p.Address, p.Node), " "))
		if p.Command != "" {
			fmt.Fprintf(&b, "  %s\n", p.Command)
		}
		if p.Why != "" {
			fmt.Fprintf(&b, "  %s: %s\n", p.Usable, p.Why)
		}
	}
	for _, note := range a.Notes {
		fmt.Fprintf(&b, "note: %s\n", note)
	}
	return b.String()
}
