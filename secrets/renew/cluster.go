package renew

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"maps"
	"slices"
	"sync"
	"time"

	corev1 "k8s.io/api/core/v1"

	"certgen/certs/pki"
	"certgen/secrets/cluster"
	"certgen/secrets/provision"
)

// Cluster renews Secrets of an API server.
type Cluster struct {
	Server *cluster.Cluster
	Choice Choice
	Apply  cluster.ApplyOptions // Adopt takes over what others keep

	Namespace string   // "" for all
	Names     []string // of Secrets in Namespace; none for all there are
	Selector  string   // of labels; "" for any
	Shard     Shard
	Override  Override
	Parallel  int // Secrets at the same time

	Rolling Rolling
	// Proven asks whether what uses a new certificate works; where it does not, the pair from before is put back. nil asks nothing.
	Proven func(ctx context.Context, secret cluster.SecretName, leaf *pki.KeyPair, users []cluster.User) error

	// Each is called with every certificate that is renewed, cannot be, or was named, one at a time.
	Each func(Outcome)
}

// Outcome is what became of a certificate.
type Outcome struct {
	Candidate
	Result *provision.Result // nil where nothing was issued
	Rolled []string          // the workloads that got it, or would
	Err    error
}

// Shard is a part of the namespaces: those whose names' hash leaves Index when divided by Of. The zero one is all.
type Shard struct{ Index, Of int }

// Has reports whether a namespace is in the part.
func (s Shard) Has(namespace string) bool {
	if s.Of <= 1 {
		return true
	}
	h := fnv.New32a()
	h.Write([]byte(namespace)) // a hash takes everything
	return int(h.Sum32()%uint32(s.Of)) == s.Index
}

// Summary counts what a run did.
type Summary struct {
	Seen, Renewed, Kept, Waiting, Foreign, Failed, Rolled int
	PutBack                                               int // were renewed, and are as they were before
}

// Run renews what is to be. What fails does not stop the others; the error is of what ends the run.
func (r *Cluster) Run(ctx context.Context) (Summary, error) {
	run := &clusterRun{Cluster: r, authorities: newAuthorities(r.Server, r.Override), groups: map[string][]*Candidate{}}
	if err := run.look(ctx, time.Now()); err != nil {
		return run.sum, err
	}
	run.roll = newRoller(r.Server, r.Rolling, r.Apply)
	// CAs first: what they sign is to end with the new certificate, not with the old one.
	for _, authorities := range []bool{true, false} {
		if err := run.renewAll(ctx, authorities); err != nil {
			return run.sum, err
		}
	}
	return run.sum, ctx.Err()
}

// clusterRun is one run.
type clusterRun struct {
	*Cluster
	authorities *authorities
	groups      map[string][]*Candidate // what is to be done, by namespace
	roll        *roller

	mu  sync.Mutex
	sum Summary
}

// look finds the candidates, and tells of those of which there is nothing to be done.
func (r *clusterRun) look(ctx context.Context, now time.Time) error {
	judge := func(s *corev1.Secret) error {
		if !r.Shard.Has(s.Namespace) {
			return nil
		}
		r.authorities.note(s)
		c := fromSecret(s, cluster.OwnedBy(s), r.Choice, r.Apply.Adopt, now)
		r.sum.Seen++
		r.take(c)
		return nil
	}
	if len(r.Names) == 0 {
		err := r.Server.EachTLSSecret(ctx, r.Namespace, r.Selector, judge)
		if err == nil && r.Selector == "" {
			r.authorities.noted(r.Namespace)
		}
		return err
	}
	for _, name := range r.Names {
		s, err := r.Server.GetSecret(ctx, r.Namespace, name)
		if err == nil && s == nil {
			err = cluster.MissingSecret(r.Namespace, name, "-n names another namespace")
		}
		if err == nil && len(s.Data[corev1.TLSCertKey]) == 0 {
			err = pki.WithHint(fmt.Errorf("secret/%s holds no certificate: there is no tls.crt", name), "certgen apply %s makes one", name)
		}
		if err != nil {
			if ctx.Err() != nil || cluster.IsDenied(err) {
				return err
			}
			r.tell(Outcome{Candidate: Candidate{Ref: "secret/" + r.Namespace + "/" + name}, Err: err})
			continue
		}
		_ = judge(s) // which has no errors
	}
	return nil
}

// take puts a candidate aside for what is to be done.
func (r *clusterRun) take(c *Candidate) {
	switch v := c.Decision.Verdict; {
	case v == Due, v == Asked, v == Unrolled:
		r.groups[c.order.Secret.Namespace] = append(r.groups[c.order.Secret.Namespace], c)
		return
	case v == Unfit && (len(r.Names) > 0 || c.Decision.Reason != ""):
		r.tell(Outcome{Candidate: *c, Err: c.err()})
		return
	case v == Foreign && len(r.Names) > 0:
		r.tell(Outcome{Candidate: *c, Err: c.err()})
		return
	case v == Foreign:
		r.sum.Foreign++
	case v == Waiting:
		r.sum.Waiting++
		r.tell(Outcome{Candidate: *c})
		return
	default:
		r.sum.Kept++
	}
	if len(r.Names) > 0 {
		r.tell(Outcome{Candidate: *c})
	}
}

// err is a decision as an error.
func (c *Candidate) err() error {
	err := errors.New(c.Decision.Reason)
	if c.Decision.Verdict == Foreign {
		err = errors.New("left alone: " + c.Decision.Reason)
	}
	if c.Decision.Hint == "" {
		return err
	}
	return pki.WithHint(err, "%s", c.Decision.Hint)
}

// tell counts and passes on an outcome.
func (r *clusterRun) tell(o Outcome) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.sum.Rolled += len(o.Rolled)
	switch {
	case o.Err != nil:
		r.sum.Failed++
	case o.Result != nil && o.Result.Action != provision.Kept:
		r.sum.Renewed++
	case o.Result != nil:
		r.sum.Kept++
	}
	r.Each(o)
}

// namespacesAtOnce is how many namespaces are worked on at a time; those that wait for pods do not hold up the others.
const namespacesAtOnce = 8

// renewAll works on all namespaces, for their CAs or for all else.
func (r *clusterRun) renewAll(ctx context.Context, authorities bool) error {
	var todo []string
	parts := map[string][]*Candidate{}
	for _, namespace := range slices.Sorted(maps.Keys(r.groups)) {
		for _, c := range r.groups[namespace] {
			if c.authority() == authorities {
				parts[namespace] = append(parts[namespace], c)
			}
		}
		if len(parts[namespace]) > 0 {
			todo = append(todo, namespace)
		}
	}
	if len(todo) == 0 {
		return nil
	}
	workers := min(namespacesAtOnce, len(todo))
	parallel := max(1, r.Parallel/workers)
	next := make(chan string)
	var group sync.WaitGroup
	for range workers {
		group.Go(func() {
			for namespace := range next {
				r.renewNamespace(ctx, namespace, parts[namespace], parallel)
			}
		})
	}
	for _, namespace := range todo {
		if ctx.Err() != nil {
			break
		}
		next <- namespace
	}
	close(next)
	group.Wait()
	return ctx.Err()
}

// renewNamespace issues, restarts, proves, and puts back.
func (r *clusterRun) renewNamespace(ctx context.Context, namespace string, part []*Candidate, parallel int) {
	store := &keeping{Cluster: provision.Cluster{Server: r.Server, Options: r.Apply, Restart: true, Later: true}, before: map[string]pki.PEM{}}
	outcomes := r.issue(ctx, store, part, parallel)
	for _, c := range part {
		if c.Decision.Verdict == Unrolled {
			outcomes = append(outcomes, &Outcome{Candidate: *c})
		}
	}
	users := r.roll.namespace(ctx, namespace, outcomes)
	for _, o := range outcomes {
		if o.Err == nil && o.Result != nil && o.Result.Action != provision.Kept && r.Proven != nil && r.Apply.DryRun == cluster.DryRunNone {
			r.prove(ctx, store, o, users)
		}
		r.tell(*o)
	}
}

// issue issues all that are to be renewed.
func (r *clusterRun) issue(ctx context.Context, store *keeping, part []*Candidate, parallel int) (outcomes []*Outcome) {
	var orders []provision.Order
	var wanted []*Candidate
	for _, c := range part {
		if !c.Decision.Renews() {
			continue
		}
		issuer, from, err := r.authorities.of(ctx, c)
		if err != nil {
			outcomes = append(outcomes, &Outcome{Candidate: *c, Err: err})
			continue
		}
		order := c.order
		order.Means = c.means(issuer, from)
		orders, wanted = append(orders, order), append(wanted, c)
	}
	if len(orders) == 0 {
		return outcomes
	}
	err := provision.Run(ctx, store, orders, provision.Options{Parallel: parallel, KeepGoing: true}, func(result provision.Result) error {
		c := wanted[0]
		wanted = wanted[1:]
		outcomes = append(outcomes, &Outcome{Candidate: *c, Result: &result, Err: result.Err})
		return nil
	})
	for _, c := range wanted { // the run ended before them
		outcomes = append(outcomes, &Outcome{Candidate: *c, Err: cmp.Or(err, ctx.Err())})
	}
	return outcomes
}
