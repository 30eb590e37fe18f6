package cmd

import (
	"context"
	"crypto/x509"
	"fmt"
	"time"

	"github.com/spf13/pflag"

	"certgen/certs/lint"
	"certgen/certs/pki"
	"certgen/certs/renewal"
	"certgen/cmd/internal/cli"
	"certgen/cmd/internal/source"
	"certgen/render/report"
	"certgen/secrets"
	"certgen/secrets/cluster"
	"certgen/secrets/service"
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

// validate finds flags that have no effect, because no SOURCE is a Service.
func (f *serviceFlags) validate() error {
	switch {
	case f.secret != "":
		return cli.WithHint(cli.Usagef("--secret requires a SOURCE service/NAME"), "to verify a Secret, name it as a SOURCE: secret/%s", f.secret)
	case f.clusterDomain != secrets.ClusterDomain:
		return cli.Usagef("--cluster-domain requires a SOURCE service/NAME")
	}
	return nil
}

// liveCheck is what a run asks of a live Service.
type liveCheck struct {
	streams     cli.IOStreams
	cluster     *cluster.Cluster
	check       service.ServiceCheck
	want        lint.Expectations
	systemRoots func() *x509.CertPool
	timeout     time.Duration
}

// run verifies the Service, with a line of progress for each change that a person sees.
func (c liveCheck) run(ctx context.Context) (report.Verdict, error) {
	c.check.Hosts = c.want.Hosts
	c.check.Lint = func(target lint.Target, due renewal.Policy) []lint.Finding {
		want := c.want
		want.Renewal = due
		if want.Roots == nil && !target.IsRooted() {
			want.Roots = c.systemRoots()
		}
		return target.Lint(want)
	}
	c.check.Progress = func(waiting string) {
		if c.streams.Watched() {
			c.streams.Printf("waiting for service/%s: %s", c.check.Service, waiting)
		}
	}
	bounded, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()
	found, err := service.VerifyService(bounded, c.cluster, c.check)
	if ctx.Err() != nil {
		return report.Verdict{}, ctx.Err()
	}
	if err != nil && bounded.Err() != nil {
		err = cli.WithHint(fmt.Errorf("service/%s: the API server has not answered within %s", c.check.Service, c.timeout), "a longer --timeout gives it more time")
	}
	if err != nil {
		return report.Verdict{}, cli.ExplainIn(ctx, c.cluster, err)
	}
	for _, note := range found.Notes {
		c.streams.Printf("note: service/%s: %s", c.check.Service, note)
	}
	verdict := report.Verdict{Place: report.Place{Source: "service/" + c.check.Service}, Routes: found.Routes, Findings: []report.Finding{}}
	if leaf := found.Leaf; leaf != nil {
		verdict.Subject, verdict.NotAfter = pki.FormatName(leaf.RawSubject), leaf.NotAfter.UTC()
	}
	for _, f := range found.Findings {
		verdict.Findings = append(verdict.Findings, report.NewFinding(f))
	}
	return verdict, nil
}

// service verifies a live Service as a SOURCE.
func (o *verifyOptions) service(ctx context.Context, r *source.SourceReader, name string, want lint.Expectations) source.Batch {
	c, err := r.Connect()
	if err != nil {
		return source.Unread("service/"+name, err)
	}
	if len(want.Hosts) == 0 {
		want.Hosts = secrets.ServiceNames(name, c.Namespace, o.live.clusterDomain)
	}
	verdict, err := liveCheck{
		streams: o.streams, cluster: c.Cluster, want: want, systemRoots: o.systemRoots, timeout: o.patience,
		check: service.ServiceCheck{Namespace: c.Namespace, Service: name, Secret: o.live.secret, Ignore: o.expect.Ignored()},
	}.run(ctx)
	if err != nil {
		return source.Unread("service/"+name, err)
	}
	return source.Batch{Items: []source.Item{{Live: &verdict}}}
}
