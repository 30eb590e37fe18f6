package provision

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"certgen/certs/pki"
)

// Options say how [Run] works.
type Options struct {
	Parallel int // orders at the same time; at least one

	// KeepGoing hands out the failure of an order as its [Result] and goes on with the others.
	KeepGoing bool

	// Slow is called, where it is not nil, when an order has not been decided after a second.
	Slow func(Order)
}

// maxRounds is how often an order is loaded and decided anew because another writer was faster. Each round somebody
// else has succeeded, so more than a few mean a writer that never stops.
const maxRounds = 5

// patience is how long a person watches a silent program before wondering whether it hangs.
const patience = time.Second

// Run brings about the orders and calls each with their results, in the order of the orders and one at a time. The
// first error ends it: no further order is begun, those under way are finished, and what was done is handed out. That
// includes the order that failed, where its store had written something by then. Running again goes on where it ended,
// because what was done is then kept.
//
// When ctx ends, Run waits for what is being written and for nothing else: a large RSA key takes its time.
func Run(ctx context.Context, store Store, orders []Order, o Options, each func(Result) error) error {
	group, inner := errgroup.WithContext(ctx)
	e := &engine{store: store, options: o, use: each, waiting: make(map[int]Result), queue: newQueue(len(orders))}
	defer e.queue.stop()
	context.AfterFunc(inner, e.queue.stop)
	// Each worker does many, because the stack of a new goroutine would have to grow for each of them.
	for range min(max(o.Parallel, 1), len(orders)) {
		group.Go(func() error {
			for {
				i, read, ok := e.queue.take()
				if !ok || inner.Err() != nil {
					return nil // why is told by who failed
				}
				if err := e.bringAbout(ctx, inner, i, orders[i], read); err != nil {
					return err
				}
			}
		})
	}
	group.Go(func() error {
		defer e.queue.close()
		return store.Load(inner, orders, func(i int, read func() (Held, error)) error {
			if !e.queue.put(i, read) {
				return context.Cause(inner)
			}
			return nil
		})
	})
	ended := make(chan error, 1)
	go func() { ended <- group.Wait() }()
	select {
	case err := <-ended:
		if err = e.end(err); err == nil && e.next < len(orders) {
			return fmt.Errorf("the store passed over secret/%s", orders[e.next].Secret.Name)
		}
		return err
	case <-ctx.Done():
		e.saving.Lock() // waits for those who save; who has not begun to does not any more
		e.stopped = true
		e.saving.Unlock()
		if e.end(nil); e.next == len(orders) {
			return nil // it came too late
		}
		return ctx.Err()
	}
}

// engine is one run.
type engine struct {
	store   Store
	options Options
	queue   *queue
	saving  sync.RWMutex // read-locked by who saves and hands out what was saved
	stopped bool         // nothing is saved any more

	// Results wait here for those of the orders before them.
	mu      sync.Mutex
	use     func(Result) error
	waiting map[int]Result
	next    int
	ended   bool // nothing is handed out any more
}

// bringAbout goes the whole way with one order. It begins nothing when inner has ended; what it has begun to save goes on
// until ctx ends.
func (e *engine) bringAbout(ctx, inner context.Context, i int, order Order, read func() (Held, error)) error {
	for round := 1; ; round++ {
		held, err := read()
		if err != nil {
			return e.failed(inner, i, Result{Order: order}, err)
		}
		r, err := e.decide(order, held)
		if err != nil {
			return e.failed(inner, i, Result{Order: order}, err)
		}
		err = e.finish(ctx, inner, i, held, r)
		if !errors.Is(err, ErrChanged) {
			return err
		}
		if round == maxRounds {
			return e.failed(inner, i, r, err)
		}
		read = func() (Held, error) { return Read(inner, e.store, order) }
	}
}

// finish saves a result and hands it out.
func (e *engine) finish(ctx, inner context.Context, i int, held Held, r Result) error {
	e.saving.RLock()
	defer e.saving.RUnlock()
	if e.stopped || inner.Err() != nil {
		return context.Canceled
	}
	err := e.store.Save(ctx, held, &r)
	switch {
	case errors.Is(err, ErrChanged):
		return err
	case err != nil && e.options.KeepGoing:
		return e.failed(inner, i, r, err)
	case err != nil && len(r.Objects) == 0:
		return err
	}
	return cmp.Or(err, e.add(i, r, err == nil))
}

// failed hands out the failure of an order where the others go on; else it ends the run.
func (e *engine) failed(inner context.Context, i int, r Result, err error) error {
	if !e.options.KeepGoing || inner.Err() != nil {
		return err
	}
	r.Err = err
	return e.add(i, r, true)
}

// decide asks the order's means.
func (e *engine) decide(order Order, held Held) (Result, error) {
	if e.options.Slow != nil {
		decided := false
		timer := time.AfterFunc(patience, func() {
			e.mu.Lock()
			defer e.mu.Unlock()
			if !decided && !e.ended {
				e.options.Slow(order)
			}
		})
		defer func() {
			timer.Stop()
			e.mu.Lock()
			defer e.mu.Unlock()
			decided = true
		}()
	}
	r, err := order.Means.Decide(held, time.Now())
	r.Order = order
	r.Warnings = append(slices.Clip(r.Warnings), order.Bundle.warnings(r.Pair)...)
	if err == nil && order.Bundle.NeedsRoot != "" && len(r.PEM.CA) == 0 {
		err = pki.WithHint(fmt.Errorf("%s needs ca.crt, and the root is not known", order.Bundle.NeedsRoot), "put the root into --ca-cert, or name it with --ca")
	}
	return r, err
}

// add takes the result of order i, and hands out what is complete; of an order that failed after it had written
// something, the result waits for the end.
func (e *engine) add(i int, r Result, complete bool) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.waiting[i] = r
	if !complete || i != e.next {
		return nil
	}
	for !e.ended {
		r, ok := e.waiting[e.next]
		if !ok {
			break
		}
		delete(e.waiting, e.next)
		e.next++
		if err := e.use(r); err != nil {
			return err
		}
	}
	e.queue.advance(e.next)
	return nil
}

// end hands out what was done behind an order that failed, and nothing any more afterwards.
func (e *engine) end(err error) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.ended = true
	for _, i := range slices.Sorted(maps.Keys(e.waiting)) {
		if failed := e.use(e.waiting[i]); failed != nil {
			return cmp.Or(err, failed)
		}
	}
	return err
}
