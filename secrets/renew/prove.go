package renew

import (
	"context"
	"fmt"
	"slices"
	"sync"

	"certgen/certs/pki"
	"certgen/secrets/cluster"
	"certgen/secrets/provision"
)

// prove puts the pair from before back where the new one does not work.
func (r *clusterRun) prove(ctx context.Context, store *keeping, o *Outcome, all []cluster.User) {
	name := o.order.Secret.Name
	var users []cluster.User
	for _, u := range all {
		if slices.Contains(u.Secrets, name) {
			users = append(users, u)
		}
	}
	failed := r.Proven(ctx, cluster.SecretName{Namespace: o.order.Secret.Namespace, Name: name}, o.Result.Pair, users)
	if failed == nil {
		return
	}
	hint := pki.HintOf(failed)
	failed = fmt.Errorf("the new certificate did not prove itself: %w", failed)
	before, kept := store.before[name]
	if !kept || before.Empty() {
		o.Err = failed
		return
	}
	issue, _ := o.Result.Order.Means.(provision.Issue)
	order := o.Result.Order
	order.Means = provision.Restore{Issue: issue, Before: before}
	back := []*Outcome{{Candidate: o.Candidate}}
	err := provision.Run(ctx, &store.Cluster, []provision.Order{order}, provision.Options{}, func(result provision.Result) error {
		back[0].Result = &result
		return nil
	})
	if err != nil {
		o.Err = fmt.Errorf("%w; and the pair from before could not be put back: %w", failed, err)
		return
	}
	r.roll.namespace(ctx, order.Secret.Namespace, back)
	o.Err = fmt.Errorf("%w; the pair from before is put back", failed)
	if back[0].Err != nil {
		o.Err = fmt.Errorf("%w, but not in use again: %w", o.Err, back[0].Err)
	}
	if hint != "" {
		o.Err = pki.WithHint(o.Err, "%s", hint)
	}
}

// keeping is the cluster, and remembers for the run the pairs that new ones took the place of.
type keeping struct {
	provision.Cluster
	mu     sync.Mutex
	before map[string]pki.PEM
}

// Save remembers the pair that was.
func (s *keeping) Save(ctx context.Context, held provision.Held, r *provision.Result) error {
	s.mu.Lock()
	s.before[r.Order.Secret.Name] = held.PEM
	s.mu.Unlock()
	return s.Cluster.Save(ctx, held, r)
}
