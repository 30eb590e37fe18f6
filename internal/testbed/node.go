//go:build linux

package testbed

import (
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// Node is a cluster that runs pods: the control plane with its controllers, containerd, kubelet, kube-proxy and
// CoreDNS, in namespaces of Linux that keep the machine's interfaces, rules, mounts and settings as they are.
type Node struct {
	*Cluster
	namespaces namespaces
	cgroup     cgroup
	registry   *http.Server
}

// The addresses of a node, all of which can be reached from outside of the cluster.
const (
	NodeIP = "10.231.0.2"
	// BalancerIP is what a load balancer would have: the node takes what is sent there.
	BalancerIP = "203.0.113.10"
)

// sharedNode is the one node of a test process.
var sharedNode struct {
	once   sync.Once
	node   *Node
	absent error // why there is none to start
	err    error
}

// StartNode returns the node of this test process, which the first call starts. It ends with [M.Run].
func StartNode(t testing.TB) *Node {
	t.Helper()
	sharedNode.once.Do(func() {
		var servers map[string]string
		if servers, sharedNode.absent = buildNode(t); sharedNode.absent == nil {
			sharedNode.node, sharedNode.err = startNode(servers)
		}
	})
	if sharedNode.absent != nil {
		Missing(t, "needs a Kubernetes node: %v", sharedNode.absent)
	}
	if sharedNode.err != nil {
		t.Fatal(sharedNode.err)
	}
	return sharedNode.node
}

// buildNode returns where the programs of a node are, on a machine that can run one.
func buildNode(t testing.TB) (map[string]string, error) {
	if testing.Short() {
		return nil, errors.New("a run with -short does not start one")
	}
	if err := nodeNeeds(); err != nil {
		return nil, err
	}
	return programs.findAll(t, nodePrograms()...)
}

// nodePrograms are the programs of a node that are built.
func nodePrograms() []Program {
	programs := []Program{etcd()}
	// First what other tests wait for, too.
	for _, name := range []string{"kube-apiserver", "kubectl", "kube-controller-manager", "kube-scheduler", "kubelet", "kube-proxy"} {
		programs = append(programs, kubernetes(name))
	}
	return append(programs, containerd("containerd"), containerd("containerd-shim-runc-v2"), coreDNS())
}

// nodeNeeds returns what this machine lacks, to run a node.
func nodeNeeds() error {
	if os.Getuid() != 0 {
		return errors.New("only root can run one")
	}
	var err error
	for _, program := range []string{"nsenter", "ip", "nft", "runc", "ldd", "dpkg", "busybox", "curl", "nginx"} {
		if _, missing := exec.LookPath(program); missing != nil {
			err = errors.Join(err, missing)
		}
	}
	for path, why := range map[string]string{
		hierarchies + "/cpuset":              "the machine must have cgroup v1",
		"/proc/sys/net/bridge":               "the kernel must have br_netfilter",
		"/usr/lib/cni/bridge":                "the package containernetworking-plugins has it",
		"/usr/share/nginx/html/index.html":   "the package nginx-common has it",
		"/etc/ssl/certs/ca-certificates.crt": "the package ca-certificates has it",
	} {
		if _, missing := os.Stat(path); missing != nil {
			err = errors.Join(err, fmt.Errorf("%w: %s", missing, why))
		}
	}
	return err
}

// stopNode ends the node, if one was started.
func stopNode() {
	if sharedNode.node != nil {
		sharedNode.node.stop()
	}
}

// Namespace makes a namespace for one test and returns its name. It stays until the cluster ends.
func (n *Node) Namespace(t testing.TB, labels map[string]string) string {
	t.Helper()
	ns := Create(t, n.Cluster, "/api/v1/namespaces", corev1.Namespace{ObjectMeta: metav1.ObjectMeta{GenerateName: "test-", Labels: labels}})
	eventually(t, "the namespace "+ns.Name+" has a ServiceAccount", func() bool {
		return n.Admin.Get().AbsPath("/api/v1/namespaces", ns.Name, "serviceaccounts/default").Do(t.Context()).Error() == nil
	})
	return ns.Name
}

// Vantage writes two programs, and returns their folder: "node COMMAND…" runs a command where the addresses of
// pods and Services are reached, "outside COMMAND…" where only the node's are, and the API server. For the rest
// the command runs on this machine as it is.
func (n *Node) Vantage(t testing.TB) string {
	t.Helper()
	dir := t.TempDir()
	for name, network := range map[string]string{"node": n.namespaces.network(""), "outside": n.namespaces.network(outside)} {
		script := fmt.Sprintf("#!/bin/sh\nexec %s \"$@\"\n", strings.Join(on(network), " "))
		WriteProgram(t, filepath.Join(dir, name), script)
	}
	return dir
}
