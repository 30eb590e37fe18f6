package testbed

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
)

// Cluster is an etcd and a kube-apiserver that run on 127.0.0.1, or on a [Node].
type Cluster struct {
	// Admin is a client that may do everything. Its requests are not among those that [Cluster.Requests] returns.
	Admin *rest.RESTClient

	dir       string // everything the servers write
	host      host
	url       string
	ca        *authority
	processes []*process
}

// host is where the servers of a cluster run, and the way there. The zero value of a field but ip is this
// machine as it is.
type host struct {
	ip     string
	server []string // the command that runs another, a server's, there
	client []string // the same for clients
	dial   func(ctx context.Context, network, address string) (net.Conn, error)
}

// shared is the one cluster of a test process.
var shared struct {
	once    sync.Once
	cluster *Cluster
	absent  error // why there are no programs to start
	err     error
}

// Start returns the cluster of this test process, which the first call starts. It ends with [M.Run].
func Start(t testing.TB) *Cluster {
	t.Helper()
	Long(t, "starts a Kubernetes API server")
	shared.once.Do(func() {
		var servers map[string]string
		if servers, shared.absent = programs.findAll(t, etcd(), kubernetes("kube-apiserver")); shared.absent == nil {
			shared.cluster, shared.err = start(servers)
		}
	})
	if shared.absent != nil {
		Missing(t, "needs a Kubernetes API server: %v", shared.absent)
	}
	if shared.err != nil {
		t.Fatal(shared.err)
	}
	return shared.cluster
}

// M is a [testing.M] that ends the cluster, if one was started, after the last test.
type M struct {
	*testing.M

	// Need is what the tests of the package take on a machine with two cores that has as much else to do: at least twice
	// what was measured, for what differs between machines. Programs
	// are only built in what `go test` leaves beside it, which is 10 minutes in all, unless told otherwise.
	Need time.Duration
}

// Run runs the tests and returns the exit code for os.Exit.
func (m M) Run() int {
	programs.need = m.Need
	defer func() {
		if shared.cluster != nil {
			shared.cluster.stop()
		}
		stopNode()
	}()
	return m.M.Run()
}

// start starts both servers. Somebody else may take a port between its choice and its use, so a server that
// ends at once gets another.
func start(programs map[string]string) (c *Cluster, err error) {
	for range 3 {
		if c, err = startOnce(programs); !errors.Is(err, errEnded) {
			return c, err
		}
	}
	return nil, err
}

func startOnce(programs map[string]string) (*Cluster, error) {
	c, err := newCluster(host{ip: "127.0.0.1"})
	if err != nil {
		return nil, err
	}
	ports, err := freePorts(3)
	if err != nil {
		return nil, err
	}
	if err := c.launchControlPlane(programs, ports,
		// A loopback address may not be advertised; without nodes nobody uses the one that is.
		"--advertise-address=203.0.113.1", "--endpoint-reconciler-type=none",
		"--authorization-mode=RBAC"); err != nil {
		c.stop()
		return nil, err
	}
	return c, nil
}

// newCluster returns a cluster without servers.
func newCluster(host host) (*Cluster, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	// `go test` removes the folder of the test's own binary, also when the test was killed.
	dir, err := os.MkdirTemp(filepath.Dir(self), "cluster-")
	if err != nil {
		return nil, err
	}
	ca, err := newAuthority()
	return &Cluster{dir: dir, ca: ca, host: host}, err
}

// freePorts returns n different TCP ports that nobody listens on.
func freePorts(n int) ([]int, error) {
	var ports []int
	for range n {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			return nil, err
		}
		defer l.Close()
		ports = append(ports, l.Addr().(*net.TCPAddr).Port)
	}
	return ports, nil
}

// auditPolicy logs who asked for what, without contents. A request is logged when it arrives, before the
// server acts: so a client that has its answer finds the request in the log.
const auditPolicy = `{"apiVersion": "audit.k8s.io/v1", "kind": "Policy", "rules": [{"level": "Metadata"}],
"omitStages": ["ResponseStarted", "ResponseComplete", "Panic"]}`

// command returns the command that runs a program by way of another.
func command(ctx context.Context, by []string, program string, args ...string) *exec.Cmd {
	all := slices.Concat(by, []string{program}, args)
	return exec.CommandContext(ctx, all[0], all[1:]...)
}

// launchControlPlane starts etcd and the API server with the flags that a test needs, and waits until they are
// ready. The others keep their defaults, but for those in more.
func (c *Cluster) launchControlPlane(programs map[string]string, ports []int, more ...string) error {
	server, err := c.ca.server(net.ParseIP(c.host.ip), net.ParseIP(apiServiceIP))
	if err != nil {
		return err
	}
	for name, data := range map[string][]byte{"ca.crt": c.ca.pem(), "server.crt": server.cert, "server.key": server.key, "audit.json": []byte(auditPolicy)} {
		if err := os.WriteFile(filepath.Join(c.dir, name), data, 0o600); err != nil {
			return err
		}
	}
	client, peer := fmt.Sprintf("http://127.0.0.1:%d", ports[0]), fmt.Sprintf("http://127.0.0.1:%d", ports[1])
	if err := c.launch(programs, "etcd",
		"--name=testbed", "--data-dir=etcd", "--unsafe-no-fsync", "--log-level=warn",
		"--listen-client-urls="+client, "--advertise-client-urls="+client,
		"--listen-peer-urls="+peer, "--initial-advertise-peer-urls="+peer, "--initial-cluster=testbed="+peer); err != nil {
		return err
	}
	if err := c.launch(programs, "kube-apiserver", append([]string{
		"--etcd-servers=" + client,
		"--bind-address=" + c.host.ip, fmt.Sprintf("--secure-port=%d", ports[2]),
		"--service-cluster-ip-range=" + serviceIPs,
		"--tls-cert-file=server.crt", "--tls-private-key-file=server.key", "--client-ca-file=ca.crt",
		"--service-account-issuer=https://kubernetes.default.svc",
		"--service-account-key-file=server.crt", "--service-account-signing-key-file=server.key",
		"--allow-privileged=true", // as kubeadm has it: Pod Security decides
		"--audit-policy-file=audit.json", "--audit-log-path=" + auditLog, "--audit-log-maxsize=10000",
	}, more...)...); err != nil {
		return err
	}
	c.url = fmt.Sprintf("https://%s:%d", c.host.ip, ports[2])
	return errors.Join(c.connect(), c.ready(time.Minute))
}

// launch starts a server of the cluster, one of the programs.
func (c *Cluster) launch(programs map[string]string, name string, args ...string) error {
	p, err := launch(c.dir, name, command(context.Background(), c.host.server, programs[name], args...))
	if err == nil {
		c.processes = append(c.processes, p)
	}
	return err
}

// The addresses of Services, and the one of the API server's.
const (
	serviceIPs   = "10.96.0.0/16"
	apiServiceIP = "10.96.0.1"
)

// connect makes the client of the tests' own.
func (c *Cluster) connect() error {
	kubeconfig, err := c.kubeconfig(bedUser, "default", adminGroup)
	if err != nil {
		return err
	}
	config, err := clientcmd.NewDefaultClientConfig(*kubeconfig, nil).ClientConfig()
	if err != nil {
		return err
	}
	config.QPS, config.Dial = -1, c.host.dial
	c.Admin, err = restClient(config)
	return err
}

// errEnded is the error of a server that ended by itself.
var errEnded = errors.New("ended")

// ready waits until the server says that it is.
func (c *Cluster) ready(timeout time.Duration) error {
	ctx, cancel := context.WithTimeout(context.Background(), timeout)
	defer cancel()
	for c.Admin.Get().AbsPath("/readyz").MaxRetries(0).Do(ctx).Error() != nil {
		for _, p := range c.processes {
			select {
			case <-p.ended:
				return p.failure(errEnded)
			case <-ctx.Done():
				return p.failure(fmt.Errorf("was not ready after %v", timeout))
			case <-time.After(20 * time.Millisecond):
			}
		}
	}
	return nil
}

// stop ends the servers and removes what they wrote.
func (c *Cluster) stop() {
	for _, p := range c.processes {
		p.kill()
	}
	os.RemoveAll(c.dir)
}
