package apiserver

import (
	"context"
	"fmt"
	"net"
	"regexp"
	"slices"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"certgen/internal/e2e"
	"certgen/internal/testbed"
	"certgen/secrets/service"
)

// accessTo runs "certgen access -o json" and returns its report.
func accessTo(t *testing.T, kubeconfig string, args ...string) (service.Access, e2e.Result) {
	t.Helper()
	r := e2e.Execute(t, "", e2e.Certgen(t), append([]string{"access", "-o", "json", "--kubeconfig", kubeconfig}, args...)...)
	if r.Code != 0 {
		t.Fatalf("exit %d\n%s", r.Code, r.Stderr)
	}
	return e2e.Decode[service.Access](t, r.Stdout), r
}

// usable are the answers for one kind of path, as "ADDRESS yes" or "ADDRESS no: WHY".
func usable(a service.Access, kind service.PathKind) (all []string) {
	for _, p := range a.Paths {
		if p.Kind == kind {
			all = append(all, strings.TrimSuffix(fmt.Sprintf("%s %s: %s", p.Address, p.Usable, p.Why), ": "))
		}
	}
	return all
}

// exposed makes a Service with a node port, and a ready endpoint behind it.
func exposed(t *testing.T, c *testbed.Cluster, namespace string) corev1.Service {
	t.Helper()
	service := testbed.Create(t, c, "/api/v1/namespaces/"+namespace+"/services", corev1.Service{
		ObjectMeta: metav1.ObjectMeta{Name: "web"},
		Spec: corev1.ServiceSpec{
			Type: corev1.ServiceTypeNodePort, Selector: map[string]string{"app": "web"},
			Ports: []corev1.ServicePort{{Name: "https", Port: 443}},
		},
	})
	testbed.Create(t, c, "/apis/discovery.k8s.io/v1/namespaces/"+namespace+"/endpointslices", discoveryv1.EndpointSlice{
		ObjectMeta:  metav1.ObjectMeta{Name: "web-1", Labels: map[string]string{discoveryv1.LabelServiceName: "web"}},
		AddressType: discoveryv1.AddressTypeIPv4,
		Ports:       []discoveryv1.EndpointPort{{Name: new("https"), Port: new(int32(8443))}},
		Endpoints:   []discoveryv1.Endpoint{{Addresses: []string{"239.1.2.3"}, NodeName: new("here")}},
	})
	return service
}

// TestAccessNodePort: what listens can be used, what does not cannot.
func TestAccessNodePort(t *testing.T) {
	c := testbed.Start(t)
	namespace := c.Namespace(t, nil)
	web := exposed(t, c, namespace)
	for name, address := range map[string]string{"here": "127.0.0.1", "there": "127.0.0.2"} {
		testbed.Create(t, c, "/api/v1/nodes", corev1.Node{ObjectMeta: metav1.ObjectMeta{Name: name}})
		t.Cleanup(func() { c.Admin.Delete().AbsPath("/api/v1/nodes/" + name).Do(context.Background()) })
		status := fmt.Sprintf(`{"status":{"addresses":[{"type":"InternalIP","address":%q}],"conditions":[{"type":"Ready","status":"True"}]}}`, address)
		if err := c.Admin.Patch("application/merge-patch+json").AbsPath("/api/v1/nodes/" + name + "/status").Body([]byte(status)).Do(t.Context()).Error(); err != nil {
			t.Fatal(err)
		}
	}
	address := fmt.Sprintf("127.0.0.1:%d", web.Spec.Ports[0].NodePort)
	listener, err := net.Listen("tcp", address)
	if err != nil {
		testbed.Missing(t, "needs the port %s: %v", address, err)
	}
	defer listener.Close()
	access, _ := accessTo(t, c.Kubeconfig(t, namespace), "service/web")
	want := "^" + address + " yes " + strings.Replace(address, "0.1:", "0.2:", 1) + " no: (connection refused|no answer)"
	if got := usable(access, service.PathNodePort); !regexp.MustCompile(want).MatchString(strings.Join(got, " ")) {
		t.Errorf("node ports %q, want %q", got, want)
	}
}

// TestAccessRights: who may read the Service alone is told as much as that says.
func TestAccessRights(t *testing.T) {
	t.Parallel()
	c := testbed.Start(t)
	namespace := c.Namespace(t, nil)
	web := exposed(t, c, namespace)
	kubeconfig := c.UserKubeconfig(t, namespace, rbacv1.PolicyRule{APIGroups: []string{""}, Resources: []string{"services"}, Verbs: []string{"get"}})
	access, r := accessTo(t, kubeconfig, "service/web")
	for kind, want := range map[service.PathKind]string{
		service.PathClusterIP:   web.Spec.ClusterIP + ":443 ",
		service.PathNodePort:    fmt.Sprintf(" unknown: port %d of each node, but the nodes cannot be listed", web.Spec.Ports[0].NodePort),
		service.PathProxy:       "/proxy/ no: you are not allowed to get services/proxy",
		service.PathPortForward: " no: you are not allowed to create pods/portforward",
	} {
		if got := usable(access, kind); len(got) != 1 || !strings.Contains(got[0], want) {
			t.Errorf("%s: %q, want %q", kind, got, want)
		}
	}
	wants(t, r, 0, `^note: you are not allowed to list the EndpointSlices of namespace `+namespace+`, so what is behind the Service is not known$`)
	wants(t, r, 0, `^note: you are not allowed to list nodes, so their addresses are missing$`)

	nobody := e2e.Execute(t, "", e2e.Certgen(t), "access", "service/web", "--kubeconfig", c.UserKubeconfig(t, namespace))
	wants(t, nobody, 1, `^error: read service/web: services "web" is forbidden: User .* cannot get resource "services".*\nhint: ask for a Role`)
	builtIns := e2e.Execute(t, "", e2e.Certgen(t), "access", "--kubeconfig", kubeconfig)
	wants(t, builtIns, 1, `^error: list the Services of namespace kube-system: services is forbidden: .*\nhint: ask for a Role`)
}

// TestAccessCommands: the flags that name the cluster are in the commands, so these work as they are.
func TestAccessCommands(t *testing.T) {
	t.Parallel()
	e2e.Need(t, "bash")
	c := testbed.Start(t)
	namespace := c.Namespace(t, nil)
	exposed(t, c, namespace)
	access, r := accessTo(t, c.Kubeconfig(t, "default"), "service/web", "-n", namespace, "--context", "testbed", "--as", "it's jane", "--as-group", "system:masters", "--token", token)
	discreet(t, r)
	for _, p := range access.Paths {
		if p.Kind != service.PathProxy {
			continue
		}
		// kubectl reaches the server as jane, who may; the endpoint is no pod's.
		said := e2e.Execute(t, "", "bash", "-c", strings.Replace(p.Command, "kubectl", testbed.KubectlPath(t), 1))
		if !strings.Contains(said.Stderr, `no endpoints available for service "web"`) {
			t.Errorf("%s\n%s", p.Command, said.Stderr)
		}
		return
	}
	t.Error("no proxy")
}

// TestAccessBuiltIns: certgen lists what kubectl cluster-info does.
func TestAccessBuiltIns(t *testing.T) {
	c := testbed.Start(t)
	const path = "/api/v1/namespaces/kube-system/services"
	for name, ports := range map[string][]corev1.ServicePort{
		"kube-dns":  {{Name: "dns", Port: 53, Protocol: corev1.ProtocolUDP}, {Name: "dns-tcp", Port: 53}, {Name: "metrics", Port: 9153}},
		"dashboard": {{Port: 443}},
		"grafana":   {{Name: "http", Port: 80}},
		"metrics":   {{Name: "https", Port: 8443}},
		"heapster":  {{Port: 80}},
	} {
		testbed.Create(t, c, path, corev1.Service{
			ObjectMeta: metav1.ObjectMeta{Name: name, Labels: map[string]string{"kubernetes.io/cluster-service": "true"}},
			Spec:       corev1.ServiceSpec{Ports: ports},
		})
		t.Cleanup(func() { c.Admin.Delete().AbsPath(path + "/" + name).Do(context.Background()) })
	}
	kubeconfig := c.Kubeconfig(t, "default")
	urls := regexp.MustCompile(`https?://\S+`).FindAllString(strings.NewReplacer("\x1b[0m", "", "\x1b[0;33m", "").Replace(c.Kubectl(t, kubeconfig, "", "cluster-info")), -1)
	names := e2e.Execute(t, "", e2e.Certgen(t), "access", "-o", "name", "--kubeconfig", kubeconfig)
	wants(t, names, 0, "^$")
	own := strings.Split(strings.ReplaceAll(names.Stdout, "/proxy/\n", "/proxy\n"), "\n")
	if len(urls) != 6 {
		t.Errorf("kubectl cluster-info lists %q", urls)
	}
	for _, url := range urls {
		if !slices.Contains(own, url) {
			t.Errorf("kubectl cluster-info has %s, certgen access has not:\n%s", url, names.Stdout)
		}
	}
	table := e2e.Execute(t, "", e2e.Certgen(t), "access", "--kubeconfig", kubeconfig).Stdout
	for _, line := range []string{
		`^SERVICE +PATH +PORT +ADDRESS +FROM HERE$`,
		`^control-plane +api-server +<none> +https://127.0.0.1:\d+ +yes$`,
		`^kube-dns +proxy +dns 53/UDP +\S+/kube-dns:dns/proxy/ +no: the proxy speaks HTTP over TCP$`,
		`^dashboard +proxy +443/TCP +\S+/https:dashboard:/proxy/ +no: no endpoints available for service "dashboard"$`,
	} {
		if !regexp.MustCompile("(?m)" + line).MatchString(table) {
			t.Errorf("no line %s:\n%s", line, table)
		}
	}
	report := e2e.Execute(t, "", e2e.Certgen(t), "access", "-o", "json", "--kubeconfig", kubeconfig).Stdout
	if built := e2e.Decode[service.BuiltIns](t, report); built.ControlPlane != urls[0] || len(built.Services) != 5 {
		t.Errorf("%s", report)
	}
}
