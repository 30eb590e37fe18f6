package service

import (
	"context"
	"errors"
	"fmt"
	"net"
	"slices"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"

	"certgen/certs/lint"
	"certgen/certs/pki"
	"certgen/certs/probe"
	"certgen/secrets/cluster"
)

const (
	// connectTimeout is how long an address may take to accept a connection: a first packet that is lost is
	// sent again after one second (RFC 6298). Addresses of other networks often do not answer at all.
	connectTimeout = 3 * time.Second
	// askTimeout bounds one question to a server, so that one that stalls leaves time for the others.
	askTimeout = 5 * time.Second
	// asked is how many are asked at a time: a handshake costs each side more than it costs the API server
	// to pass it on.
	asked = 8
	// maxNames is how many names the servers are asked for: the four of a Service, and some of the user's.
	maxNames = 8
)

// route is one way to a port of the Service, and what came of going it.
type route struct {
	kind    PathKind
	port    *Port
	address string
	pod     string     // to which it leads; "" where that is not known
	dial    probe.Dial // nil for the API server's proxy, which keeps the handshake to itself

	blocked   error // why it could not be gone from here
	answers   []answer
	elsewhere string // what answered, where that was not the Service
	going     bool   // it was a pod that is none any more, with a certificate from before
}

// answer is what came back when a server was asked for a name.
type answer struct {
	name string
	probe.Answer
}

// String names the way for people.
func (r *route) String() string {
	if r.pod != "" {
		return "pod/" + r.pod
	}
	return string(r.kind) + " " + r.address
}

// forbidden reports whether the user may not go it.
func (r *route) forbidden() bool { return apierrors.IsForbidden(r.blocked) }

// seen are the answers of a way that the user may go; that a pod cannot be asked is one.
func (r *route) seen() []answer {
	if r.forbidden() || r.elsewhere != "" {
		return nil
	}
	return r.answers
}

// unreachable reports whether nothing answered, and why.
func (r *route) unreachable() (string, bool) {
	switch {
	case r.blocked != nil:
		return r.blocked.Error(), true
	case r.elsewhere != "":
		return r.elsewhere, true
	case len(r.answers) == 0:
		return "", false
	}
	for _, f := range r.answers[0].Findings {
		if f.Rule == probe.RuleUnreachable {
			return f.Detail, true
		}
	}
	return "", false
}

// like reports whether one server may have given both answers.
func (a answer) like(other answer) bool {
	if len(a.Chain) > 0 && len(other.Chain) > 0 {
		return a.Chain[0].Equal(other.Chain[0])
	}
	return slices.EqualFunc(a.Findings, other.Findings, func(f, g lint.Finding) bool { return f.Rule == g.Rule })
}

// what names the server by its answer.
func (a answer) what() string {
	if len(a.Chain) > 0 {
		return pki.FormatName(a.Chain[0].RawSubject)
	}
	return a.Findings[0].Detail // without a certificate there is one
}

// routes are the ways on which the ports that speak TLS are asked: through each pod that is ready, so that one
// with another certificate is found, and by the addresses that people outside the cluster may have.
func routesOf(c *cluster.Cluster, f *liveFacts) (all []*route) {
	access := accessOf(f.accessFacts, AccessOptions{})
	for _, port := range tlsPorts(f) {
		forwarded := map[string]bool{}
		for _, e := range f.ready() {
			number, ok := e.ports[port.Name]
			if !ok || e.pod == "" || forwarded[e.pod] { // once for a pod with two addresses
				continue
			}
			forwarded[e.pod] = true
			r := &route{kind: PathPortForward, port: port, pod: e.pod, address: fmt.Sprintf("pod/%s:%d", e.pod, number)}
			opened := false
			r.dial = func(ctx context.Context) (net.Conn, error) {
				conn, err := c.DialPod(ctx, f.service.Namespace, r.pod, int(number))
				if opened = opened || err == nil; !opened {
					r.blocked = err
				}
				return conn, err
			}
			all = append(all, r)
		}
		for _, p := range access.Paths {
			if p.Port == nil || p.Port.Number != port.Number || p.Port.Protocol != port.Protocol {
				continue
			}
			switch p.Kind {
			case PathClusterIP, PathNodePort, PathLoadBalancer, PathExternalIP:
				if p.Dialable() {
					dialer := net.Dialer{Timeout: connectTimeout}
					all = append(all, &route{kind: p.Kind, port: port, address: p.Address, dial: func(ctx context.Context) (net.Conn, error) {
						return dialer.DialContext(ctx, "tcp", p.Address)
					}})
				}
			case PathProxy:
				all = append(all, &route{kind: p.Kind, port: port, address: proxyName(f.service.Name, *port)})
			}
		}
	}
	return all
}

// tlsPorts are the ports of a Service that speak TLS, as far as it tells; else all that might.
func tlsPorts(f *liveFacts) (ports []*Port) {
	for _, p := range f.service.Spec.Ports {
		ports = append(ports, portOf(p))
	}
	wanted := func(p *Port) bool { return p.HTTPS }
	if !slices.ContainsFunc(ports, wanted) {
		wanted = func(p *Port) bool { return p.Protocol == corev1.ProtocolTCP }
	}
	return slices.DeleteFunc(ports, func(p *Port) bool { return !wanted(p) })
}

// ask goes all routes, with the first name. Which pod answers, and how, does not hang on the way, but what
// a server makes of a name may: so for each port one pod is asked for the other names, too, or else what is
// at one of the addresses.
func askAll(ctx context.Context, c *cluster.Cluster, f *liveFacts, routes []*route, names []string) {
	if len(names) == 0 {
		names = []string{""} // without SNI
	}
	var askedMore sync.Map // by port
	more := func(r *route) {
		if len(r.answers) == 0 || len(r.answers[0].Chain) == 0 {
			return
		}
		if _, done := askedMore.LoadOrStore(r.port, true); !done {
			for _, name := range names[1:min(len(names), maxNames)] {
				r.ask(ctx, name)
			}
		}
	}
	group := errgroup.Group{}
	group.SetLimit(asked)
	for _, r := range routes {
		group.Go(func() error {
			if r.dial == nil {
				r.blocked = reach(ctx, c, f, r)
				return nil
			}
			if r.ask(ctx, names[0]); r.pod != "" {
				more(r)
			}
			return nil
		})
	}
	group.Wait()
	for _, r := range routes {
		more(r)
	}
}

func (r *route) ask(ctx context.Context, name string) {
	ctx, cancel := context.WithTimeout(ctx, askTimeout)
	defer cancel()
	r.answers = append(r.answers, answer{name, probe.Ask(ctx, r.dial, name)})
}

// reach sends a request through the API server's proxy: any answer of the server behind it will do.
func reach(ctx context.Context, c *cluster.Cluster, f *liveFacts, r *route) error {
	ctx, cancel := context.WithTimeout(ctx, reachTimeout)
	defer cancel()
	try := attempt{Cluster: c}
	if usable, why := try.proxy(ctx, proxyPath(f.service, *r.port)); usable == UsableNo {
		return errors.New(why)
	}
	return nil
}
