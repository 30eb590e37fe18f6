package service

import (
	"context"
	"crypto/x509"
	"slices"
	"time"

	"certgen/certs/lint"
	"certgen/certs/renewal"
	"certgen/render/report"
	"certgen/secrets/cluster"
)

// ServiceCheck says how a live Service is to be verified.
type ServiceCheck struct {
	Namespace, Service string
	Secret             string   // whose certificate is to be served; "" finds it out by the pods
	Hosts              []string // by which clients reach the Service, and for which the servers are asked
	Ignore             []string // ids of findings to leave out

	// Lint judges what is served, with the Secret's ca.crt as its CA, for Hosts. due is when
	// that is to be renewed, by the Secret.
	Lint func(target lint.Target, due renewal.Policy) []lint.Finding
	// Progress is told what is waited for, once for each change.
	Progress func(string)
}

// ServiceReport is what a look at a live Service found.
type ServiceReport struct {
	Leaf     *x509.Certificate // of the Secret; nil where that is not known
	Routes   []report.Route
	Findings []lint.Finding
	Notes    []string

	waiting  string // for what may mend findings by itself; "" where it is nothing
	settling bool   // that is the pods
}

const (
	// lookInterval is how long after a look the next one follows: kube-proxy brings changes into effect at
	// most once a second (iptables.minSyncPeriod).
	lookInterval = time.Second
	// catchUp is how long after a change of the pods addresses may refuse or break connections, or lead to
	// a pod that is going: kube-proxy hears of it by and by, on a large or busy node after some seconds.
	catchUp = 5 * time.Second
)

// VerifyService goes every way to a Service that works from here and says what is wrong. It looks again while
// pods are being replaced and while kube-proxy catches up; when ctx ends, what the last look found counts.
func VerifyService(ctx context.Context, c *cluster.Cluster, check ServiceCheck) (*ServiceReport, error) {
	changed, said := time.Now(), "" // the pods, as far as is known
	var last *ServiceReport
	for {
		report, err := look(ctx, c, check, time.Since(changed) < catchUp)
		switch {
		case ctx.Err() != nil && last != nil:
			return last.unfinished(), nil
		case err != nil:
			return nil, err
		case report.waiting == "":
			return report, nil
		}
		if last = report; report.settling {
			changed = time.Now()
		}
		if report.waiting != said {
			said = report.waiting
			check.Progress(said)
		}
		select {
		case <-time.After(lookInterval):
		case <-ctx.Done():
			return last.unfinished(), nil
		}
	}
}

// unfinished notes what was still going on.
func (r *ServiceReport) unfinished() *ServiceReport {
	r.Notes = append(r.Notes, "not waited for any longer: "+r.waiting)
	return r
}

// look verifies once. early says that kube-proxy may still have to hear of a change.
func look(ctx context.Context, c *cluster.Cluster, check ServiceCheck, early bool) (*ServiceReport, error) {
	facts, err := readLiveFacts(ctx, c, check.Namespace, check.Service, check.Secret)
	if err != nil {
		return nil, err
	}
	j := &judgement{ServiceCheck: check, facts: facts, report: &ServiceReport{Notes: facts.notes, Findings: facts.findings()}}
	j.readSecret()
	routes := routesOf(c, facts)
	askAll(ctx, c, facts, routes, check.Hosts)
	j.judge(routes)
	r := j.report
	r.Findings = slices.DeleteFunc(r.Findings, func(f lint.Finding) bool { return j.ignored(f) })
	r.waiting = facts.settling()
	if r.settling = r.waiting != ""; !r.settling && early {
		r.waiting = j.catchingUp(routes)
	}
	return r, nil
}
