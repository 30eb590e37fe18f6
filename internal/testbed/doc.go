// Package testbed gives tests a real Kubernetes API server, and ways to make it misbehave.
//
// It is a package of its own, at the root of the module, because the tests of several packages need the same
// server; no program imports it, so none of it is in the binary.
//
//	func TestMain(m *testing.M) { os.Exit(testbed.M{M: m, Need: 2 * time.Minute}.Run()) } // stops the server at the end
//
//	func TestApply(t *testing.T) {
//		cluster := testbed.Start(t) // the same server for all tests of a package
//		ns := cluster.Namespace(t, nil)
//		kubeconfig := cluster.Kubeconfig(t, ns)
//		…
//		for _, r := range cluster.Requests(t, ns) { … } // what the server was asked
//	}
//
// [Start]'s server is an etcd and a kube-apiserver without any node or controller: admission, RBAC, server-side
// apply, Pod Security and validation are the real ones, but no pod starts, no Deployment makes progress
// and no namespace ever ends. [Cluster.UserKubeconfig] makes users who may do little, [Cluster.SecretPolicy]
// has admission refuse Secrets, and a [Proxy] stands between a client and the server and injects faults.
// Kubeconfig files are what all of these take and hand out, since that is what certgen and kubectl take.
//
// # Node
//
// [StartNode] starts a whole cluster of one node: the controllers, the scheduler, containerd, a kubelet,
// kube-proxy and CoreDNS too, so pods run, names are found and Services answer. All of it lives in namespaces of
// Linux: its interfaces, firewall rules, mounts and processes are its own and end with it. What it shares with
// the machine is the kernel and, in each hierarchy of cgroup v1, one control group. [Node.Vantage] runs commands
// on the node, or outside of the cluster, where only the node's own addresses are reached.
//
// There is no registry to pull from: the images are made of programs and files that Debian's packages installed
// on this machine, and the test process serves them under the names that manifests use. Only root on Linux can
// start a node, with the programs that .ci/run installs; elsewhere its tests are skipped by name.
//
// # cert-manager
//
// [Cluster.InstallCertManager] gives the API server cert-manager's kinds, and [Cluster.StartCertManager] runs the real
// cert-manager's controllers on it: testdata/certmanager makes one program of them, of the self-signed and the CA
// signers, of the rules of its webhook, which no server calls here, and of its renewal times. [AskCertManager] asks
// for the latter two.
//
// # Programs
//
// etcd, kube-apiserver and kubectl, and what else a node runs, are built from the Go modules that
// testdata/servers, testdata/containerd and testdata/coredns pin, into the folder certgen of the user's cache
// folder. The first build takes three to five minutes on two cores, and as long again for a node, or for
// cert-manager; later runs find the programs there. Where that cannot be, a test is skipped by name: with -short, offline, or when there is
// no more time; the next run then goes on from the build cache. With CERTGEN_TEST_ALL=1 each of these is a failure.
//
// The time for building is what `go test` leaves beside [M].Need, what the package's tests take themselves, and at
// most half of what is left when the first program is asked for: with the usual 10 minutes, 5. All packages that one
// `go test ./...` tests have that time together. One of them builds; the others wait for it 15 seconds, and test what
// needs no program. With CERTGEN_TEST_ALL=1, they wait until the time is over.
//
// # Why not envtest
//
// controller-runtime's envtest v0.25 starts the same two programs in the same 3.6 seconds. But its client and
// cache come along, and the typed clientset: 557 packages beyond the standard library against 120 here, 30 more
// modules in go.mod, a test binary of 58 MB against 23, which takes 5 seconds to link against 2 and minutes
// to compile the first time. It takes 1.1 seconds to stop, 0.1 here. (Measured on two cores with other work on
// them.)
package testbed
