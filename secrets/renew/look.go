package renew

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	corev1 "k8s.io/api/core/v1"

	"certgen/certs/pki"
	"certgen/secrets/cluster"
)

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
	for i, name := range r.Names {
		if slices.Contains(r.Names[:i], name) {
			continue // it cannot be renewed twice at the same time
		}
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
		level, namespace := c.level(), c.order.Secret.Namespace
		if r.todo[level] == nil {
			r.todo[level] = map[string][]*Candidate{}
		}
		r.todo[level][namespace] = append(r.todo[level][namespace], c)
		return
	case v == Unfit, v == Foreign && len(r.Names) > 0:
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
