package service

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"

	"golang.org/x/sync/errgroup"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"certgen/secrets/cluster"
)

const (
	// reachTimeout bounds all of [CheckReachable]: nobody waits longer for a connection to be made,
	// and cluster IPs are silent where nothing routes them.
	reachTimeout = time.Second
	// maxConnections is how many paths are tried at the same time: less than the 1024 files that a process may
	// have open by default on Linux.
	maxConnections = 256
)

const nothingReady = "nothing behind the Service is ready"

// CheckReachable finds out which paths can be used from this machine, within a second: it makes TCP connections to
// what is dialable, sends the API server's proxy a GET, and asks the API server whether port-forward and
// exec are allowed.
func CheckReachable(ctx context.Context, c *cluster.Cluster, services ...*Access) {
	ctx, cancel := context.WithTimeout(ctx, reachTimeout)
	defer cancel()
	var group errgroup.Group
	group.SetLimit(maxConnections)
	for _, access := range services {
		try := &attempt{
			Cluster: c, access: access,
			leadsTo:     sync.OnceValue(func() []string { return lookUp(ctx, access.leadsTo) }),
			portForward: sync.OnceValues(func() (Usable, string) { return allowed(ctx, c, access, "portforward") }),
			exec:        sync.OnceValues(func() (Usable, string) { return allowed(ctx, c, access, "exec") }),
		}
		for i := range access.Paths {
			if p := &access.Paths[i]; p.Usable == "" && p.Kind != PathKubectlProxy {
				group.Go(func() error {
					p.Usable, p.Why = try.path(ctx, *p)
					return nil
				})
			}
		}
	}
	_ = group.Wait() // no path is an error
	for _, access := range services {
		access.sameThroughKubectl()
	}
}

// sameThroughKubectl says of kubectl's proxy what was found of the API server's: it asks that.
func (a *Access) sameThroughKubectl() {
	found := map[string]Path{}
	for i := range a.Paths {
		switch p := &a.Paths[i]; p.Kind {
		case PathProxy:
			found[p.request] = *p
		case PathKubectlProxy:
			p.Usable, p.Why = found[p.request].Usable, found[p.request].Why
		}
	}
}

// attempt tries the paths to one Service.
type attempt struct {
	*cluster.Cluster
	access            *Access
	leadsTo           func() []string // the addresses to which the Service's names lead
	portForward, exec func() (Usable, string)
}

func (t *attempt) path(ctx context.Context, p Path) (Usable, string) {
	switch {
	case ctx.Err() != nil:
		return UsableUnknown, "not checked: there were too many addresses"
	case t.access.idle && slices.Contains(dialable, p.Kind):
		return UsableNo, nothingReady
	case p.Kind == PathDNS && p.Dialable():
		return t.name(ctx, p)
	case p.Dialable():
		return dial(ctx, p.Address)
	case p.Kind == PathProxy:
		return t.proxy(ctx, p.request)
	case p.Kind == PathPortForward:
		return t.portForward()
	case p.Kind == PathExec:
		return t.exec()
	case p.Kind == PathEnvironment:
		name, value, _ := strings.Cut(p.Address, "=")
		if os.Getenv(name) == value {
			return UsableYes, ""
		}
		return UsableNo, "only pods in the namespace have it"
	case p.Port == nil:
		return UsableUnknown, "the Service names no port"
	}
	return UsableUnknown, fmt.Sprintf("%s is not tried", p.Port.Protocol)
}

// dial makes a TCP connection.
func dial(ctx context.Context, address string) (Usable, string) {
	conn, err := new(net.Dialer).DialContext(ctx, "tcp", address)
	if err != nil {
		return UsableNo, why(err)
	}
	conn.Close()
	return UsableYes, ""
}

// name dials a name of the cluster's DNS where it leads to the Service: outside the cluster, a short name
// may well be somebody else's.
func (t *attempt) name(ctx context.Context, p Path) (Usable, string) {
	host, port, err := net.SplitHostPort(p.Address)
	if err != nil {
		return UsableNo, err.Error()
	}
	found, err := net.DefaultResolver.LookupHost(ctx, host)
	if err != nil {
		return UsableNo, why(err)
	}
	for _, address := range found {
		if slices.Contains(t.leadsTo(), address) {
			return dial(ctx, net.JoinHostPort(address, port))
		}
	}
	return UsableNo, "the name resolves to something else here: " + strings.Join(found, ", ")
}

// lookUp resolves what are names among hosts.
func lookUp(ctx context.Context, hosts []string) []string {
	var addresses []string
	for _, host := range hosts {
		found, _ := net.DefaultResolver.LookupHost(ctx, host) // a name that nobody knows leads nowhere
		addresses = append(addresses, found...)
	}
	return addresses
}

// why words why a connection was not made.
func why(err error) string {
	var unresolved *net.DNSError
	var number syscall.Errno
	var timeout net.Error
	switch {
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &timeout) && timeout.Timeout():
		return fmt.Sprintf("no answer within %s", reachTimeout)
	case errors.As(err, &unresolved) && unresolved.IsNotFound:
		return "the name does not resolve here"
	case errors.As(err, &number):
		return number.Error()
	}
	return err.Error()
}

// proxy asks the API server's proxy for a Service's first page. It may come from a pod that never stops, and of an
// error client-go would read all; so this one request is sent without it, with its credentials.
func (t *attempt) proxy(ctx context.Context, path string) (Usable, string) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, t.Client.Get().AbsPath(path).URL().String(), nil)
	if err != nil {
		return UsableNo, why(err)
	}
	answer, err := t.Client.Client.Do(request)
	if err != nil {
		return UsableNo, why(err)
	}
	defer answer.Body.Close()
	return proxyVerdict(answer)
}

// proxyVerdict tells the API server's own answers from those of the pods. The latter count as an answer
// whatever they say.
func proxyVerdict(answer *http.Response) (Usable, string) {
	if answer.StatusCode/100 == 2 {
		return UsableYes, ""
	}
	const page = 4 << 10                                     // a Status is short
	body, _ := io.ReadAll(io.LimitReader(answer.Body, page)) // one that breaks off is none
	var status metav1.Status
	own := json.Unmarshal(body, &status) == nil && status.Kind == "Status"
	switch {
	case own && answer.StatusCode == http.StatusForbidden && cmp.Or(status.Details, &metav1.StatusDetails{}).Kind == "services":
		return UsableNo, "you are not allowed to get services/proxy"
	case own && answer.StatusCode == http.StatusServiceUnavailable:
		return UsableNo, status.Message
	}
	return UsableYes, fmt.Sprintf("it answers %d %s", answer.StatusCode, http.StatusText(answer.StatusCode))
}

// allowed asks whether this user may create a subresource of pods in the Service's namespace.
func allowed(ctx context.Context, c *cluster.Cluster, access *Access, subresource string) (Usable, string) {
	may, err := c.Allowed(ctx, cluster.Right{Verb: "create", On: cluster.Reference{Kind: "Pod", Namespace: access.Namespace, Group: "v1"}, Subresource: subresource})
	switch {
	case err != nil:
		return UsableUnknown, why(err)
	case !may:
		return UsableNo, "you are not allowed to create pods/" + subresource
	case access.idle:
		return UsableNo, nothingReady
	}
	return UsableYes, "allowed; not tried"
}
