package cmd

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"certgen/cmd/internal/cli"
	"certgen/secrets/cluster"
)

// pollInterval is how often a rollout is looked at: kubectl's watch is faster by less than people notice.
const pollInterval = 500 * time.Millisecond

// await waits until the workloads among done have replaced their pods, with a line of progress for each
// change that a person sees. The first that cannot ends it.
func (o *applyOptions) await(ctx context.Context, server *cluster.Cluster, done []cluster.Applied) error {
	var waiting []*rollout
	for _, applied := range done {
		if applied.Workload() {
			waiting = append(waiting, &rollout{applied: applied})
		}
	}
	return o.awaitAll(ctx, server, waiting, func(_ *rollout, err error) error { return err })
}

// rollout is a workload that is waited for.
type rollout struct {
	applied cluster.Applied
	place   string // where its certificate is written, for people
	last    string // what was known of it
}

var errTimeout = errors.New("timeout")

// awaitAll waits for all at once. Of one that does not become ready, failed is told why; what that returns ends it.
func (o *applyOptions) awaitAll(ctx context.Context, server *cluster.Cluster, waiting []*rollout, failed func(*rollout, error) error) error {
	ctx, cancel := context.WithTimeoutCause(ctx, o.timeout, errTimeout)
	defer cancel()
	for {
		var stopped error
		waiting = slices.DeleteFunc(waiting, func(r *rollout) bool {
			if stopped != nil || ctx.Err() != nil {
				return false
			}
			ready, err := o.look(ctx, server, r)
			if err != nil && ctx.Err() == nil {
				stopped = failed(r, cli.Explain(err))
				return true
			}
			return ready
		})
		if stopped != nil || len(waiting) == 0 {
			return stopped
		}
		select {
		case <-time.After(pollInterval):
			continue
		case <-ctx.Done():
		}
		if !errors.Is(context.Cause(ctx), errTimeout) {
			return cli.InterruptedError{Err: ctx.Err(), Words: "stopped waiting; the rollout goes on"}
		}
		for _, r := range waiting {
			if err := failed(r, r.late(o.timeout)); err != nil {
				return err
			}
		}
		return nil
	}
}

// look looks once at a workload and says what has changed.
func (o *applyOptions) look(ctx context.Context, server *cluster.Cluster, r *rollout) (ready bool, err error) {
	now, err := server.Rollout(ctx, r.applied)
	if err != nil {
		return false, err
	}
	if now.Done {
		o.streams.Printf("%s rolled out: %d of %d pods are ready", now.Ref, now.Updated, now.Want)
		return true, nil
	}
	state := fmt.Sprintf("%d of %d pods are ready", now.Updated, now.Want)
	if now.Trouble != "" {
		state += "; " + now.Trouble
	}
	if state != r.last && o.streams.Watched() {
		o.streams.Printf("waiting for %s: %s", r.applied.Ref, state)
	}
	r.last = state
	return false, nil
}

// late is the error of one that is not ready in time.
func (r *rollout) late(after time.Duration) error {
	return cli.WithHint(fmt.Errorf("%s is not rolled out after %s: %s", r.applied.Ref, after, r.last),
		"kubectl describe %s -n %s shows its events; a longer --timeout gives it more time", r.applied.Ref, r.applied.Object.GetNamespace())
}
