package provision_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"certgen/secrets/provision"
)

// counted is a means that counts how often it was asked, and waits for release where there is one.
type counted struct {
	fakeMeans
	asked   *atomic.Int32
	release chan struct{}
}

func (m counted) Decide(held provision.Held, now time.Time) (provision.Result, error) {
	m.asked.Add(1)
	if m.release != nil {
		<-m.release
	}
	return m.fakeMeans.Decide(held, now)
}

// TestRunAhead: behind an order that takes long, some are brought about, and not all, whose results would have to wait.
func TestRunAhead(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const n = 2000
		var asked atomic.Int32
		release := make(chan struct{})
		all := orders(n, func(i int, m fakeMeans) provision.Means {
			if i == 0 {
				return counted{m, &asked, release}
			}
			return counted{m, &asked, nil}
		})
		used := 0
		ended := make(chan error)
		go func() {
			ended <- provision.Run(t.Context(), &fakeStore{held: map[string]string{}}, all, provision.Options{Parallel: 4}, func(r provision.Result) error {
				if want := fmt.Sprint("o", used); r.Order.Secret.Name != want {
					t.Errorf("got %s for %s", r.Order.Secret.Name, want)
				}
				used++
				return nil
			})
		}()
		synctest.Wait() // all wait for order 0
		if got := asked.Load(); got < 100 || got > 500 {
			t.Errorf("%d orders are begun while the first one is not done", got)
		}
		close(release)
		if err := <-ended; err != nil || used != n {
			t.Errorf("%d results, %v", used, err)
		}
	})
}

// shuffled is a store that loads in an order of its own, and passes over some orders.
type shuffled struct {
	*fakeStore
	passes func(i int) bool
}

func (s shuffled) Load(ctx context.Context, all []provision.Order, each func(int, func() (provision.Held, error)) error) error {
	for _, i := range rand.Perm(len(all)) {
		if s.passes != nil && s.passes(i) {
			continue
		}
		if err := each(i, func() (provision.Held, error) { return provision.Held{}, nil }); err != nil {
			return err
		}
	}
	return nil
}

// TestRunShuffled: whatever the order in which a store loads, the results come in that of the orders, and a store that
// passes over one does not pass for one that has done all.
func TestRunShuffled(t *testing.T) {
	t.Parallel()
	for _, n := range []int{1, 31, 3000} {
		for _, parallel := range []int{1, 5} {
			synctest.Test(t, func(t *testing.T) {
				all := orders(n, func(_ int, m fakeMeans) provision.Means { return m })
				used := 0
				run := func(passes func(int) bool) error {
					used = 0
					store := shuffled{&fakeStore{held: map[string]string{}}, passes}
					return provision.Run(t.Context(), store, all, provision.Options{Parallel: parallel}, func(r provision.Result) error {
						if want := fmt.Sprint("o", used); passes == nil && r.Order.Secret.Name != want {
							t.Errorf("got %s for %s", r.Order.Secret.Name, want)
						}
						used++
						return nil
					})
				}
				if err := run(nil); err != nil || used != n {
					t.Errorf("%d of %d, %d at once: %v", used, n, parallel, err)
				}
				if err := run(func(i int) bool { return i == n/2 }); err == nil || used == n {
					t.Errorf("without order %d of %d, %d at once: %d results, %v", n/2, n, parallel, used, err)
				}
			})
		}
	}
}
