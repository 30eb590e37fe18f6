//go:build linux

package testbed

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"k8s.io/client-go/tools/clientcmd"
)

// How the node calls itself and, there, the folder that it shares with the test bed.
const (
	nodeName   = "node1"
	nodeFolder = "/run/testbed"
)

// dnsIP is the address of CoreDNS's Service; kubelet.yaml has pods ask it.
const dnsIP = "10.96.0.10"

// startNode starts everything and waits until pods can run.
func startNode(programs map[string]string) (*Node, error) {
	c, err := newCluster(host{ip: NodeIP})
	if err != nil {
		return nil, err
	}
	n := &Node{Cluster: c}
	if err := n.start(programs); err != nil {
		n.stop()
		return nil, err
	}
	return n, nil
}

func (n *Node) start(programs map[string]string) error {
	steps := []func(map[string]string) error{
		n.setUp, n.serveImages, n.launchContainerd, n.launchServers, n.launchAgents, n.deployCoreDNS,
	}
	for _, step := range steps {
		if err := step(programs); err != nil {
			return err
		}
	}
	return nil
}

// setUp makes the namespaces, and what is in them before any server.
func (n *Node) setUp(programs map[string]string) (err error) {
	config, err := testdata("node/config")
	if err != nil {
		return err
	}
	if err := os.CopyFS(n.dir, os.DirFS(config)); err != nil {
		return err
	}
	if n.cgroup, err = newCgroup(); err != nil {
		return err
	}
	if n.namespaces, err = newNamespaces(n.dir); err != nil {
		return err
	}
	n.processes = append(n.processes, n.namespaces.first)
	inside := n.namespaces.inside()
	setup := command(context.Background(), inside, "sh", filepath.Join(n.dir, "setup.sh"), n.dir)
	if printed, err := setup.CombinedOutput(); err != nil {
		return fmt.Errorf("setup.sh: %w\n%s", err, printed)
	}
	// Nothing of this machine's environment: a proxy that it names is not to be asked for a pod.
	path := filepath.Dir(programs["containerd-shim-runc-v2"]) + ":/usr/sbin:/usr/bin:/sbin:/bin"
	n.host.server = append(inside, "env", "--ignore-environment", "--chdir="+nodeFolder, "PATH="+path)
	n.host.client = on(n.namespaces.network(outside))
	n.host.dial = dialer(n.namespaces.network(outside))
	return nil
}

// serveImages has the node pull its images from this process.
func (n *Node) serveImages(programs map[string]string) error {
	images, err := nodeImages(programs["coredns"])
	if err != nil {
		return err
	}
	var listener net.Listener
	if err := enter(n.namespaces.network(""), func() (err error) {
		listener, err = net.Listen("tcp", "127.0.0.1:5000") // as hosts.toml says
		return err
	}); err != nil {
		return err
	}
	n.registry = &http.Server{Handler: registry(images)}
	go n.registry.Serve(listener)
	return nil
}

func (n *Node) launchContainerd(programs map[string]string) error {
	return n.launch(programs, "containerd", "--config=containerd.toml")
}

// launchServers starts the control plane.
func (n *Node) launchServers(programs map[string]string) error {
	client, err := n.ca.user("kube-apiserver-kubelet-client", adminGroup)
	if err != nil {
		return err
	}
	for name, data := range map[string][]byte{"kubelet-client.crt": client.cert, "kubelet-client.key": client.key} {
		if err := os.WriteFile(filepath.Join(n.dir, name), data, 0o600); err != nil {
			return err
		}
	}
	if err := n.launchControlPlane(programs, []int{2379, 2380, 6443},
		"--authorization-mode=Node,RBAC", "--enable-admission-plugins=NodeRestriction",
		"--kubelet-client-certificate=kubelet-client.crt", "--kubelet-client-key=kubelet-client.key",
		"--kubelet-certificate-authority=ca.crt", "--kubelet-preferred-address-types=InternalIP"); err != nil {
		return err
	}
	for name, flags := range map[string][]string{
		"kube-controller-manager": {"--use-service-account-credentials", "--service-account-private-key-file=server.key", "--root-ca-file=ca.crt"},
		"kube-scheduler":          nil,
	} {
		if err := n.writeUser(name, "system:"+name); err != nil {
			return err
		}
		if err := n.launch(programs, name, append(flags, "--kubeconfig="+name+".kubeconfig", "--leader-elect=false", "--secure-port=0")...); err != nil {
			return err
		}
	}
	return nil
}

// launchAgents starts what every node of a cluster has.
func (n *Node) launchAgents(programs map[string]string) error {
	if err := n.writeUser("kubelet", "system:node:"+nodeName, "system:nodes"); err != nil {
		return err
	}
	if err := n.launch(programs, "kubelet", "--kubeconfig=kubelet.kubeconfig",
		"--config=kubelet.yaml", "--hostname-override="+nodeName, "--node-ip="+NodeIP, "--cgroup-root=/"+string(n.cgroup)); err != nil {
		return err
	}
	if err := n.writeUser("kube-proxy", "system:kube-proxy"); err != nil { // kube-proxy.yaml names the file
		return err
	}
	return n.launch(programs, "kube-proxy", "--config=kube-proxy.yaml")
}

// writeUser writes the kubeconfig of a program that is a user of the API server's, into the node's folder.
func (n *Node) writeUser(name, user string, groups ...string) error {
	config, err := n.kubeconfig(user, "default", groups...)
	if err != nil {
		return err
	}
	return clientcmd.WriteToFile(*config, filepath.Join(n.dir, name+".kubeconfig"))
}

// deployCoreDNS applies Kubernetes' own manifest, with its blanks filled in, and waits for its pod.
func (n *Node) deployCoreDNS(programs map[string]string) error {
	servers, err := testdata("servers")
	if err != nil {
		return err
	}
	download := exec.Command("go", "mod", "download", "-json", "k8s.io/kubernetes")
	download.Dir = servers
	out, err := download.Output()
	if err != nil {
		return fmt.Errorf("go mod download k8s.io/kubernetes: %w\n%s", err, out)
	}
	var module struct{ Dir string }
	if err := json.Unmarshal(out, &module); err != nil {
		return err
	}
	manifest, err := os.ReadFile(filepath.Join(module.Dir, "cluster/addons/dns/coredns/coredns.yaml.base"))
	if err != nil {
		return err
	}
	text := strings.NewReplacer(
		"__DNS__DOMAIN__", "cluster.local", "__DNS__SERVER__", dnsIP, "__DNS__MEMORY__LIMIT__", "170Mi",
		"image: registry.k8s.io/coredns/coredns:", "image: "+corednsImage+" # ",
		// As kubeadm has it: otherwise a Service that is made again keeps its old address for 30 s.
		"        cache 30\n", "        cache 30 {\n            disable success cluster.local\n            disable denial cluster.local\n        }\n",
	).Replace(string(manifest))
	if err := n.writeUser("admin", bedUser, adminGroup); err != nil {
		return err
	}
	// Once it runs, everything that runs pods does.
	for _, args := range [][]string{{"apply", "-f", "-"}, {"rollout", "status", "deployment/coredns", "--namespace=kube-system", "--timeout=2m"}} {
		if _, err := n.kubectl(context.Background(), programs["kubectl"], filepath.Join(n.dir, "admin.kubeconfig"), text, args...); err != nil {
			return err
		}
	}
	return nil
}

// stop ends everything and removes what it wrote.
func (n *Node) stop() {
	if n.registry != nil {
		n.registry.Close()
	}
	n.Cluster.stop()
	if n.cgroup != "" {
		if err := n.cgroup.remove(); err != nil {
			fmt.Fprintln(os.Stderr, "removing the node's control groups:", err)
		}
	}
}
