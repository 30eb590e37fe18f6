package renew

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"

	"certgen/certs/pki"
	"certgen/secrets/cluster"
)

// Rolling says how workloads are restarted that use a new certificate.
type Rolling struct {
	MaxUnavailable int           // workloads that replace their pods at the same time, each until it is done; 0 is no bound
	Wait           bool          // until all have done so
	Timeout        time.Duration // for one
}

// pollInterval is how often a rollout is looked at.
const pollInterval = 500 * time.Millisecond

// roller restarts workloads, of all namespaces of a run together no more than it may.
type roller struct {
	server  *cluster.Cluster
	rolling Rolling
	apply   cluster.ApplyOptions
	slots   chan struct{} // nil for no bound
}

func newRoller(server *cluster.Cluster, rolling Rolling, apply cluster.ApplyOptions) *roller {
	r := &roller{server: server, rolling: rolling, apply: apply}
	if rolling.MaxUnavailable > 0 {
		r.slots = make(chan struct{}, rolling.MaxUnavailable)
	}
	return r
}

// namespace restarts what uses the Secrets whose certificates are new or were not rolled out, each workload once, and takes
// the marks off that say it is due. What fails is in the outcomes of the Secrets that are used there. It returns the workloads.
func (r *roller) namespace(ctx context.Context, namespace string, outcomes []*Outcome) []cluster.User {
	certs := map[string][]byte{}
	using := map[string]*Outcome{}
	for _, o := range outcomes {
		if cert := o.toRoll(); cert != nil {
			certs[o.order.Secret.Name], using[o.order.Secret.Name] = cert, o
		}
	}
	if len(certs) == 0 {
		return nil
	}
	users, err := r.server.Users(ctx, namespace, certs)
	if err != nil {
		for _, o := range using {
			o.Err = err
		}
		return nil
	}
	var rolled []cluster.Applied
	for _, user := range users {
		if !user.Stale {
			continue
		}
		applied, err := r.restart(ctx, user)
		for _, name := range user.Secrets {
			using[name].restarted(user.Ref, err)
		}
		if err == nil {
			rolled = append(rolled, applied)
		}
	}
	if r.apply.DryRun != cluster.DryRunNone {
		return users
	}
	if r.rolling.Wait && r.slots == nil {
		r.waitFor(ctx, rolled, users, using)
	}
	for _, o := range using {
		if o.Err == nil && o.unready == nil {
			o.Err = r.unmark(ctx, o)
		}
	}
	return users
}

// restarted notes what became of a workload that uses the certificate.
func (o *Outcome) restarted(ref string, err error) {
	switch {
	case apierrors.IsNotFound(err): // deleted since it was listed
	case errors.As(err, new(*unready)):
		o.Rolled, o.unready = append(o.Rolled, ref), errors.Join(o.unready, err)
	case err != nil:
		o.Err = errors.Join(o.Err, err)
	default:
		o.Rolled = append(o.Rolled, ref)
	}
}

// unready says that the new pods of a workload did not get ready in time.
type unready struct{ error }

func (u *unready) Unwrap() error { return u.error }

// toRoll is the certificate that is to be in use, nil where nothing is to be done.
func (o *Outcome) toRoll() []byte {
	switch {
	case o.Err != nil:
		return nil
	case o.Decision.Verdict == Unrolled:
		return o.held
	case o.Result == nil || len(o.Result.Objects) == 0:
		return nil
	case o.Result.Objects[0].Object != nil && o.Result.Objects[0].RestartDue():
		cert, err := o.Result.Objects[0].Certificate()
		if err == nil && len(cert) > 0 {
			return cert
		}
	}
	return nil
}

// restart restarts one workload, when it is its turn, and waits for it where that is asked for.
func (r *roller) restart(ctx context.Context, user cluster.User) (cluster.Applied, error) {
	if r.slots != nil && r.apply.DryRun == cluster.DryRunNone {
		select {
		case r.slots <- struct{}{}:
			defer func() { <-r.slots }()
		case <-ctx.Done():
			return cluster.Applied{}, ctx.Err()
		}
	}
	applied, err := r.server.RestartUser(ctx, user, r.apply)
	if err == nil && r.slots != nil && r.apply.DryRun == cluster.DryRunNone {
		err = r.wait(ctx, applied)
	}
	return applied, err
}

// waitFor waits for what was restarted.
func (r *roller) waitFor(ctx context.Context, rolled []cluster.Applied, users []cluster.User, using map[string]*Outcome) {
	for _, applied := range rolled {
		err := r.wait(ctx, applied)
		if err == nil {
			continue
		}
		i := slices.IndexFunc(users, func(u cluster.User) bool { return u.Ref == applied.Ref })
		for _, name := range users[i].Secrets {
			if o := using[name]; errors.As(err, new(*unready)) {
				o.unready = errors.Join(o.unready, err)
			} else {
				o.Err = errors.Join(o.Err, err)
			}
		}
	}
}

// wait waits until a workload has replaced its pods. Where they do not get ready in time, the error is an [unready].
func (r *roller) wait(ctx context.Context, applied cluster.Applied) error {
	bounded, cancel := context.WithTimeout(ctx, r.rolling.Timeout)
	defer cancel()
	var last cluster.Rollout
	for {
		rollout, err := r.server.Rollout(bounded, applied)
		switch {
		case err == nil && rollout.Done:
			return nil
		case err != nil && bounded.Err() == nil:
			return err
		case err == nil:
			last = rollout
		}
		select {
		case <-time.After(pollInterval):
		case <-bounded.Done():
			if ctx.Err() != nil {
				return ctx.Err()
			}
			why := ""
			if last.Trouble != "" {
				why = ": " + last.Trouble
			}
			return &unready{pki.WithHint(fmt.Errorf("%s is not rolled out after %s: %d of %d pods are ready%s", applied.Ref, r.rolling.Timeout, last.Updated, last.Want, why),
				"kubectl describe shows its events; a longer --timeout gives it more time")}
		}
	}
}

// unmark takes the mark off a Secret whose users have been restarted.
func (r *roller) unmark(ctx context.Context, o *Outcome) error {
	if o.Decision.Verdict == Unrolled {
		secret := &corev1.Secret{}
		secret.Namespace, secret.Name, secret.ResourceVersion = o.order.Secret.Namespace, o.order.Secret.Name, o.version
		return r.server.Restarted(ctx, secret)
	}
	return r.server.Restarted(ctx, o.Result.Objects[0].Object)
}
