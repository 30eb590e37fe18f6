package service

import (
	"crypto/x509"
	"errors"
	"testing"
	"time"

	"certgen/certs/probe"
)

// TestCatchingUp: an address with a certificate from before is waited for as long as it can only be that
// kube-proxy still leads to a pod that is going.
func TestCatchingUp(t *testing.T) {
	t.Parallel()
	issued := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	cert := func(name string, age time.Duration) *x509.Certificate {
		return &x509.Certificate{Raw: []byte(name + age.String()), RawSubject: []byte(name), DNSNames: []string{name}, NotBefore: issued.Add(-age)}
	}
	now, before, other := cert("web", 0), cert("web", time.Hour), cert("gateway", time.Hour)
	port := &Port{Number: 443, Protocol: "TCP"}
	way := func(kind PathKind, pod string, chain ...*x509.Certificate) *route {
		return &route{kind: kind, port: port, address: "192.0.2.1:443", pod: pod, answers: []answer{{"web", probe.Answer{Chain: chain}}}}
	}
	blocked := &route{kind: PathPortForward, port: port, pod: "web-2", blocked: errors.New("forbidden"), answers: []answer{{}}}
	for name, test := range map[string]struct {
		routes []*route
		want   string
	}{
		"a pod that is going":      {[]*route{way(PathPortForward, "web-1", now), way(PathLoadBalancer, "", before)}, "load-balancer 192.0.2.1:443: it leads to a pod that is going"},
		"a pod that is ready":      {[]*route{way(PathPortForward, "web-1", now), way(PathPortForward, "web-2", before), way(PathLoadBalancer, "", before)}, ""},
		"what all serve":           {[]*route{way(PathPortForward, "web-1", now), way(PathLoadBalancer, "", now)}, ""},
		"somebody else":            {[]*route{way(PathPortForward, "web-1", now), way(PathNodePort, "", other)}, ""},
		"no certificate":           {[]*route{way(PathPortForward, "web-1", now), way(PathNodePort, "")}, ""},
		"by a node":                {[]*route{way(PathPortForward, "web-1", now), way(PathNodePort, "", before)}, "node-port 192.0.2.1:443: it leads to a pod that is going"},
		"a pod that was not asked": {[]*route{way(PathPortForward, "web-1", now), blocked, way(PathNodePort, "", before)}, "node-port 192.0.2.1:443: it leads to a pod that is going"},
	} {
		j := &judgement{facts: &liveFacts{secret: "web-tls"}, report: &ServiceReport{Leaf: now}}
		j.tellApart(test.routes)
		if got := j.catchingUp(test.routes); got != test.want {
			t.Errorf("%s: %q, want %q", name, got, test.want)
		}
	}
}
