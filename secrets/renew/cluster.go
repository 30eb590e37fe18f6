package renew

import (
	"cmp"
	"context"
	"errors"
	"hash/fnv"
	"maps"
	"slices"
	"sync"
	"time"

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
	Undone bool              // the new certificate did not prove itself, and the pair from before is put back
	Err    error

	unready error // of what uses it, which does not get ready with it
}

// Renewed reports whether another certificate took its place, or would.
func (o Outcome) Renewed() bool {
	return o.Result != nil && o.Result.Err == nil && o.Result.Action != provision.Kept
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
	run := &clusterRun{Cluster: r, authorities: newAuthorities(r.Server, r.Override), todo: map[level]map[string][]*Candidate{}}
	if err := run.look(ctx, time.Now()); err != nil {
		return run.sum, err
	}
	run.roll = newRoller(r.Server, r.Rolling, r.Apply)
	// What a CA signs is to end with the CA's new certificate, not with the old one.
	for _, level := range []level{roots, intermediates, leaves} {
		if err := run.renewAll(ctx, level); err != nil {
			return run.sum, err
		}
		run.authorities.forget()
	}
	return run.sum, ctx.Err()
}

// clusterRun is one run.
type clusterRun struct {
	*Cluster
	authorities *authorities
	todo        map[level]map[string][]*Candidate // by namespace
	roll        *roller

	mu  sync.Mutex
	sum Summary
}

// tell counts and passes on an outcome.
func (r *clusterRun) tell(o Outcome) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.sum.Rolled += len(o.Rolled)
	switch {
	case o.Err != nil:
		r.sum.Failed++
	case o.Renewed():
		r.sum.Renewed++
	case o.Result != nil:
		r.sum.Kept++
	}
	r.Each(o)
}

// namespacesAtOnce is how many namespaces are worked on at a time; those that wait for pods do not hold up the others.
const namespacesAtOnce = 8

// renewAll works on all namespaces, for what is on a level.
func (r *clusterRun) renewAll(ctx context.Context, level level) error {
	todo := r.todo[level]
	workers := min(namespacesAtOnce, len(todo))
	next := make(chan string) // namespaces
	var group sync.WaitGroup
	for range workers {
		group.Go(func() {
			for namespace := range next {
				r.renewNamespace(ctx, namespace, todo[namespace], max(1, r.Parallel/workers))
			}
		})
	}
	for _, namespace := range slices.Sorted(maps.Keys(todo)) {
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
		if o.Err == nil && o.Renewed() && r.Proven != nil && r.Apply.DryRun == cluster.DryRunNone {
			r.prove(ctx, store, o, users)
		}
		if o.unready != nil {
			o.Err = errors.Join(o.Err, o.unready)
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
