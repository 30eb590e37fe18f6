package cmd

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"certgen/certs/lint"
	"certgen/certs/pki"
	"certgen/cmd/internal/cli"
	"certgen/cmd/internal/renewing"
	"certgen/render"
	"certgen/render/report"
	"certgen/secrets/certmanager"
	"certgen/secrets/cluster"
	"certgen/secrets/provision"
	"certgen/secrets/service"
)

// verifyService asks the Service what it serves, and says so to people.
func (o *applyOptions) verifyService(ctx context.Context, d *deployment, pair *pki.KeyPair) error {
	check := service.ServiceCheck{Namespace: d.order.Secret.Namespace, Service: o.want.ServedBy(d.target), Secret: d.order.Secret.Name}
	verdict, err := asker{o.streams, d.store.Server, o.timeout}.ask(ctx, check, pair.Leaf.DNSNames)
	if err != nil {
		return cli.InterruptedError{Err: err, Words: "stopped verifying; all that was to be done is done"}
	}
	o.streams.Printf("%s", strings.TrimSuffix(verdict.Text(), "\n"))
	if wrong(verdict) != nil {
		return cli.ErrFound
	}
	return nil
}

// asker asks the Services of a cluster what they serve.
type asker struct {
	streams cli.IOStreams
	server  *cluster.Cluster
	timeout time.Duration
}

// ask asks one. It is to serve the certificate in the check's Secret, for all names that this is for, be they the Service's own
// or not.
func (a asker) ask(ctx context.Context, check service.ServiceCheck, names []string) (report.Verdict, error) {
	want := lint.Expectations{Now: time.Now(), Hosts: slices.DeleteFunc(slices.Clone(names), isWildcard)}
	return liveCheck{streams: a.streams, cluster: a.server, want: want, systemRoots: systemRoots, timeout: a.timeout, check: check}.run(ctx)
}

// wrong is the first finding that is an error, nil where there is none: what is only a warning is no failure, as apply itself
// issues such certificates where they are asked for.
func wrong(v report.Verdict) *report.Finding {
	i := slices.IndexFunc(v.Findings, func(f report.Finding) bool { return f.Severity == lint.Error })
	if i < 0 {
		return nil
	}
	return &v.Findings[i]
}

// isWildcard reports whether a name stands for many, and so cannot be asked for.
func isWildcard(name string) bool { return strings.HasPrefix(name, "*.") }

// afterwards is what apply -f does when all is written: it waits for the pods that were replaced, and asks the Services behind
// which pods mount the Secrets.
type afterwards struct {
	o         *applyOptions
	server    *cluster.Cluster
	restarted []*rollout
	made      []madeSecret
}

// madeSecret is what is remembered of a certificate until it is asked for.
type madeSecret struct {
	place string // where its Certificate is written
	name  cluster.SecretName
	hosts []string
}

// add notes one result.
func (a *afterwards) add(d certmanager.Done) {
	r := d.Result
	if a.o.wait || a.o.verify {
		for _, applied := range r.Objects {
			if applied.Workload() {
				a.restarted = append(a.restarted, &rollout{applied: applied, place: d.Place.String()})
			}
		}
	}
	if a.o.verify && r.Err == nil && r.Pair != nil {
		a.made = append(a.made, madeSecret{d.Place.String(), cluster.SecretName{Namespace: r.Order.Secret.Namespace, Name: r.Order.Secret.Name}, r.Pair.Leaf.DNSNames})
	}
}

// run waits and verifies. What fails is said with its place, and the rest goes on.
func (a *afterwards) run(ctx context.Context) error {
	failed := false
	err := a.o.awaitAll(ctx, a.server, a.restarted, func(r *rollout, err error) error {
		failed = true
		a.o.streams.ReportError(fmt.Errorf("%s: %w", r.place, err))
		return nil
	})
	if err != nil {
		return err
	}
	if a.o.verify {
		found, err := a.verify(ctx)
		if err != nil {
			return cli.InterruptedError{Err: err, Words: "stopped verifying; all that was to be done is done"}
		}
		failed = failed || found
	}
	if failed {
		return cli.ErrQuiet
	}
	return nil
}

// asked is a Service that was verified.
type asked struct {
	place   string
	verdict report.Verdict
	err     error
}

// verify asks the Services and reports whether one of them does not serve what it should.
func (a *afterwards) verify(ctx context.Context) (failed bool, err error) {
	serving := map[string]map[string][]string{}
	unserved := 0
	err = provision.InOrder(ctx, func(yield func(func() asked) bool) {
		for _, made := range a.made {
			namespace := made.name.Namespace
			if serving[namespace] == nil {
				found, err := a.server.Serving(ctx, namespace)
				if err != nil {
					yield(func() asked { return asked{place: made.place, err: err} })
					return
				}
				serving[namespace] = found
			}
			services := serving[namespace][made.name.Name]
			if len(services) == 0 {
				unserved++
			}
			for _, name := range services {
				if !yield(func() asked { return a.ask(ctx, made, name) }) {
					return
				}
			}
		}
	}, func(done asked) error {
		if done.err != nil {
			failed = true
			a.o.streams.ReportError(fmt.Errorf("%s: %w", done.place, done.err))
			return nil
		}
		a.o.streams.Printf("%s: %s", done.place, strings.TrimSuffix(done.verdict.Text(), "\n"))
		failed = failed || wrong(done.verdict) != nil
		return nil
	})
	if err == nil && unserved > 0 {
		a.o.streams.Printf("note: %s not verified: no Service leads to pods that mount the Secret", render.Count(unserved, "Certificate"))
	}
	return failed, err
}

// ask verifies one Service.
func (a *afterwards) ask(ctx context.Context, made madeSecret, name string) asked {
	check := service.ServiceCheck{Namespace: made.name.Namespace, Service: name, Secret: made.name.Name}
	verdict, err := asker{a.o.streams, a.server, a.o.timeout}.ask(ctx, check, made.hosts)
	return asked{made.place, verdict, err}
}

// proven asks the Services in front of the workloads that use a new certificate whether they serve it.
func proven(streams cli.IOStreams, server *cluster.Cluster, timeout time.Duration) renewing.Prover {
	return func(ctx context.Context, secret cluster.SecretName, pair *pki.KeyPair, users []cluster.User) error {
		services, err := server.ServicesOf(ctx, secret.Namespace, users)
		if err != nil {
			return err
		}
		if len(services) == 0 {
			streams.Printf("note: secret/%s/%s: no Service is in front of what uses it, so there is nothing to verify", secret.Namespace, secret.Name)
		}
		for _, name := range services {
			check := service.ServiceCheck{Namespace: secret.Namespace, Service: name, Secret: secret.Name}
			verdict, err := asker{streams, server, timeout}.ask(ctx, check, pair.Leaf.DNSNames)
			if err != nil {
				return err
			}
			if found := wrong(verdict); found != nil {
				streams.Printf("%s", strings.TrimSuffix(verdict.Text(), "\n"))
				return cli.WithHint(fmt.Errorf("service/%s: %s (%s)", name, found.Detail, found.ID), "certgen verify service/%s -n %s says more", name, secret.Namespace)
			}
		}
		return nil
	}
}
