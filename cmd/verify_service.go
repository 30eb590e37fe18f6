package cmd

import (
	"context"
	"crypto/x509"
	"fmt"
	"time"

	"github.com/spf13/pflag"

	"certgen/certs"
	"certgen/render"
	"certgen/secrets"
)

// serviceTimeout is how long verifying a Service may take where the user sets no bound. A pod of the nginx
// bundle is ready or replaced within seconds, kube-proxy follows within one or two, and a new image has
// mostly been pulled after half a minute; apply --wait is for longer rollouts.
const serviceTimeout = 30 * time.Second

// serviceFlags say how service/NAME is verified.
type serviceFlags struct {
	secret        string
	clusterDomain string
}

func (f *serviceFlags) addTo(flags *pflag.FlagSet) {
	flags.StringVar(&f.secret, "secret", "", "the Secret that service/NAME is to serve (default the one that its pods mount)")
	flags.StringVar(&f.clusterDomain, "cluster-domain", secrets.ClusterDomain, "the cluster's DNS domain, for the names of service/NAME")
}

// liveCheck is what a run asks of a live Service.
type liveCheck struct {
	streams     IOStreams
	cluster     *secrets.Cluster
	check       secrets.ServiceCheck
	want        certs.Expectations
	systemRoots func() *x509.CertPool
	timeout     time.Duration
}

// run verifies the Service, with a line of progress for each change that a person sees.
func (c liveCheck) run(ctx context.Context) (render.Verdict, error) {
	c.check.Hosts = c.want.Hosts
	c.check.Examine = func(exam certs.Exam, renewBefore time.Duration) []certs.Finding {
		want := c.want
		want.RenewBefore = renewBefore
		if want.Roots == nil && !exam.IsRooted() {
			want.Roots = c.systemRoots()
		}
		return exam.Findings(want)
	}
	c.check.Progress = func(waiting string) {
		if c.streams.watched() {
			c.streams.printf("waiting for service/%s: %s", c.check.Service, waiting)
		}
	}
	bounded, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()
	report, err := secrets.VerifyService(bounded, c.cluster, c.check)
	if ctx.Err() != nil {
		return render.Verdict{}, ctx.Err()
	}
	if err != nil && bounded.Err() != nil {
		err = withHint(fmt.Errorf("service/%s: the API server has not answered within %s", c.check.Service, c.timeout), "a longer --timeout gives it more time")
	}
	if err != nil {
		return render.Verdict{}, explain(err)
	}
	for _, note := range report.Notes {
		c.streams.printf("note: service/%s: %s", c.check.Service, note)
	}
	verdict := render.Verdict{Place: render.Place{Source: "service/" + c.check.Service}, Routes: report.Routes, Findings: []render.Finding{}}
	if leaf := report.Leaf; leaf != nil {
		verdict.Subject, verdict.NotAfter = certs.FormatName(leaf.RawSubject), leaf.NotAfter.UTC()
	}
	for _, f := range report.Findings {
		verdict.Findings = append(verdict.Findings, render.NewFinding(f))
	}
	return verdict, nil
}

// service verifies a live Service as a SOURCE.
func (o *verifyOptions) service(ctx context.Context, r *sourceReader, name string, want certs.Expectations) batch {
	c, err := r.connect()
	if err != nil {
		return unread("service/"+name, err)
	}
	if len(want.Hosts) == 0 {
		want.Hosts = secrets.ServiceNames(name, c.namespace, o.live.clusterDomain)
	}
	verdict, err := liveCheck{
		streams: o.streams, cluster: c.cluster, want: want, systemRoots: o.systemRoots, timeout: o.patience,
		check: secrets.ServiceCheck{Namespace: c.namespace, Service: name, Secret: o.live.secret, Ignore: o.ignore},
	}.run(ctx)
	if err != nil {
		return unread("service/"+name, err)
	}
	return batch{items: []item{{live: &verdict}}}
}
