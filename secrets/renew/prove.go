package renew

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"certgen/certs/lint"
	"certgen/certs/pki"
	"certgen/secrets/cluster"
	"certgen/secrets/provision"
)

// prove puts the pair from before back where the new one does not work: what uses it does not get ready, or Proven says so.
func (r *clusterRun) prove(ctx context.Context, store *keeping, o *Outcome, all []cluster.User) {
	var failed error
	if failed, o.unready = o.unready, nil; failed == nil {
		failed = r.ask(ctx, o, all)
	}
	switch {
	case failed == nil:
		return
	case ctx.Err() != nil: // it may be good: the next run cannot tell, and keeps it
		o.Err = ctx.Err()
		return
	}
	hint := pki.HintOf(failed)
	o.Err = r.undo(ctx, store, o, fmt.Errorf("the new certificate did not prove itself: %w", failed))
	if hint != "" {
		o.Err = pki.WithHint(o.Err, "%s", hint)
	}
}

// served reports whether a server may show the certificate: a CA's and a client's is mounted beside a server's, and no Service
// shows it.
func served(c *x509.Certificate) bool {
	return !lint.IsAuthority(c) && (len(c.ExtKeyUsage) == 0 || lint.ServesTLS(c))
}

// ask asks whether the new certificate works.
func (r *clusterRun) ask(ctx context.Context, o *Outcome, all []cluster.User) error {
	if !served(o.Result.Pair.Leaf) {
		return nil
	}
	secret := cluster.SecretName{Namespace: o.order.Secret.Namespace, Name: o.order.Secret.Name}
	var users []cluster.User
	for _, u := range all {
		if slices.Contains(u.Secrets, secret.Name) {
			users = append(users, u)
		}
	}
	return r.Proven(ctx, secret, o.Result.Pair, users)
}

// undo puts the pair from before back, and returns why and with what success.
func (r *clusterRun) undo(ctx context.Context, store *keeping, o *Outcome, why error) error {
	before := store.before[o.order.Secret.Name]
	switch pair, err := pki.ParsePair(before); {
	case err != nil:
		return fmt.Errorf("%w; it stays, because the pair from before cannot be used", why)
	case time.Now().After(pair.Leaf.NotAfter):
		return fmt.Errorf("%w; it stays, because the pair from before has expired", why)
	}
	order := o.Result.Order
	order.Means = provision.Restore{Before: before, Spec: o.spec, Failed: o.Result.PEM.Cert}
	back := &Outcome{Candidate: o.Candidate}
	err := provision.Run(ctx, &store.Cluster, []provision.Order{order}, provision.Options{}, func(result provision.Result) error {
		back.Result = &result
		return nil
	})
	if err != nil {
		return fmt.Errorf("%w; and the pair from before could not be put back: %w", why, err)
	}
	o.Undone = true
	r.roll.namespace(ctx, order.Secret.Namespace, []*Outcome{back})
	if unused := errors.Join(back.Err, back.unready); unused != nil {
		return fmt.Errorf("%w; the pair from before is put back, but not in use again: %w", why, unused)
	}
	return fmt.Errorf("%w; the pair from before is put back", why)
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
