package cmd

import (
	"context"
	"errors"
	"fmt"
	"time"

	"certgen/cmd/internal/cli"
	"certgen/secrets/cluster"
)

// pollInterval is how often a rollout is looked at: kubectl's watch is faster by less than people notice.
const pollInterval = 500 * time.Millisecond

// await waits until the workloads among done have replaced their pods, with a line of progress for each
// change that a person sees.
func (o *applyOptions) await(ctx context.Context, cluster *cluster.Cluster, done []cluster.Applied) error {
	ctx, cancel := context.WithTimeoutCause(ctx, o.timeout, errTimeout)
	defer cancel()
	for _, applied := range done {
		if !applied.Workload() {
			continue
		}
		var last string
		for {
			rollout, err := cluster.Rollout(ctx, applied)
			if err == nil && rollout.Done {
				o.streams.Printf("%s rolled out: %d of %d pods are ready", rollout.Ref, rollout.Updated, rollout.Want)
				break
			}
			if err != nil && ctx.Err() == nil {
				return cli.Explain(err)
			}
			state := fmt.Sprintf("%d of %d pods are ready", rollout.Updated, rollout.Want)
			if rollout.Trouble != "" {
				state += "; " + rollout.Trouble
			}
			if err == nil && state != last {
				last = state
				if o.streams.Watched() {
					o.streams.Printf("waiting for %s: %s", applied.Ref, state)
				}
			}
			select {
			case <-time.After(pollInterval):
			case <-ctx.Done():
				if !errors.Is(context.Cause(ctx), errTimeout) {
					return cli.InterruptedError{Err: ctx.Err(), Words: "stopped waiting; the rollout goes on"}
				}
				return cli.WithHint(fmt.Errorf("%s is not rolled out after %s: %s", applied.Ref, o.timeout, last),
					"kubectl describe %s -n %s shows its events; a longer --timeout gives it more time", applied.Ref, applied.Object.GetNamespace())
			}
		}
	}
	return nil
}

var errTimeout = errors.New("timeout")
