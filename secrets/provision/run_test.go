package provision_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"certgen/certs/pki"
	"certgen/secrets"
	"certgen/secrets/cluster"
	"certgen/secrets/provision"
)

var errFake = errors.New("fails on purpose")

// fakeStore is a store that fails where it is told to.
type fakeStore struct {
	failLoad, failRead, failSave string // the name of the order
	partial                      bool   // a save that fails has written something
	changed                      map[string]int

	mu    sync.Mutex
	held  map[string]string
	loads int
}

func (s *fakeStore) Load(_ context.Context, orders []provision.Order, each func(int, func() (provision.Held, error)) error) error {
	s.mu.Lock()
	s.loads++
	s.mu.Unlock()
	for i, order := range orders {
		name := order.Secret.Name
		if name == s.failLoad {
			return errFake
		}
		err := each(i, func() (provision.Held, error) {
			if name == s.failRead {
				return provision.Held{}, errFake
			}
			s.mu.Lock()
			defer s.mu.Unlock()
			return provision.Held{PEM: pki.PEM{Cert: []byte(s.held[name])}}, nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func (s *fakeStore) Save(_ context.Context, _ provision.Held, r *provision.Result) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	name := r.Order.Secret.Name
	if s.changed[name] > 0 {
		s.changed[name]--
		s.held[name] = "another's"
		return provision.ErrChanged
	}
	if name == s.failSave {
		if s.partial {
			r.Objects = append(r.Objects, cluster.Applied{})
		}
		return errFake
	}
	s.held[name] = string(r.PEM.Cert)
	return nil
}

// fakeMeans makes a pair, or keeps what is there.
type fakeMeans struct {
	name  string
	fails bool
	after time.Duration
}

func (m fakeMeans) Decide(held provision.Held, _ time.Time) (provision.Result, error) {
	time.Sleep(m.after)
	switch {
	case m.fails:
		return provision.Result{}, errFake
	case len(held.PEM.Cert) > 0:
		return provision.Result{Action: provision.Kept, PEM: held.PEM}, nil
	}
	return provision.Result{Action: provision.Issued, PEM: pki.PEM{Cert: []byte(m.name)}}, nil
}

// orders are n of them, of which the one at index i is made by means(i).
func orders(n int, means func(i int, m fakeMeans) provision.Means) (all []provision.Order) {
	for i := range n {
		name := fmt.Sprint("o", i)
		all = append(all, provision.Order{Secret: secrets.Meta{Name: name}, Means: means(i, fakeMeans{name: name})})
	}
	return all
}

// TestRunFails: an error at any step ends the run with it; what comes out before that is in order and without a gap,
// and a run without the fault completes the rest.
func TestRunFails(t *testing.T) {
	t.Parallel()
	const n, bad = 40, 7
	name := fmt.Sprint("o", bad)
	for what, test := range map[string]struct {
		store *fakeStore
		fails bool // the means
		want  []string
	}{
		"load":              {store: &fakeStore{failLoad: name}},
		"read":              {store: &fakeStore{failRead: name}},
		"decide":            {store: &fakeStore{}, fails: true},
		"save":              {store: &fakeStore{failSave: name}},
		"save, in part":     {store: &fakeStore{failSave: name, partial: true}},
		"changed for good":  {store: &fakeStore{changed: map[string]int{name: 1000}}},
		"changed, and fits": {store: &fakeStore{changed: map[string]int{name: 3}}},
		"nothing":           {store: &fakeStore{}},
	} {
		for _, parallel := range []int{0, 1, 8} {
			store := &fakeStore{
				failLoad: test.store.failLoad, failRead: test.store.failRead, failSave: test.store.failSave, partial: test.store.partial,
				changed: maps.Clone(test.store.changed), held: map[string]string{},
			}
			all := orders(n, func(i int, m fakeMeans) provision.Means {
				m.fails = test.fails && i == bad
				m.after = time.Duration(i%3) * time.Millisecond
				return m
			})
			var got []string
			err := provision.Run(t.Context(), store, all, provision.Options{Parallel: parallel}, func(r provision.Result) error {
				got = append(got, r.Order.Secret.Name)
				return nil
			})
			well := what == "nothing" || what == "changed, and fits"
			if well != (err == nil) || !well && !errors.Is(err, errFake) && !errors.Is(err, provision.ErrChanged) {
				t.Errorf("%s, %d: %v", what, parallel, err)
			}
			if well && len(got) != n || !slices.IsSortedFunc(got, byNumber) {
				t.Errorf("%s, %d: results %q", what, parallel, got)
			}
			if slices.Contains(got, name) != (well || test.store.partial) {
				t.Errorf("%s, %d: the result of the bad one among %q", what, parallel, got)
			}
			for _, done := range got { // what is handed out is in the store
				if store.held[done] == "" && done != name {
					t.Errorf("%s, %d: %s is not saved", what, parallel, done)
				}
			}
			if what == "changed, and fits" && store.held[name] != "another's" {
				t.Errorf("%d: who comes later holds %q, not what the other made", parallel, store.held[name])
			}
			again := &fakeStore{held: store.held}
			kept := 0
			err = provision.Run(t.Context(), again, orders(n, func(_ int, m fakeMeans) provision.Means { return m }), provision.Options{Parallel: parallel}, func(r provision.Result) error {
				if r.Action == provision.Kept {
					kept++
				}
				return nil
			})
			if err != nil || len(again.held) != n || kept < len(got)-1 {
				t.Errorf("%s, %d: the next run keeps %d of %d, %v", what, parallel, kept, len(got), err)
			}
		}
	}
}

func byNumber(a, b string) int {
	if len(a) != len(b) {
		return len(a) - len(b)
	}
	return strings.Compare(a, b)
}

// TestRunStops: what uses the results can end the run.
func TestRunStops(t *testing.T) {
	t.Parallel()
	store := &fakeStore{held: map[string]string{}}
	used := 0
	err := provision.Run(t.Context(), store, orders(1000, func(_ int, m fakeMeans) provision.Means { return m }), provision.Options{Parallel: 1}, func(provision.Result) error {
		used++
		return errFake
	})
	if !errors.Is(err, errFake) || len(store.held) != 1 {
		t.Errorf("%v after %d results, %d saved", err, used, len(store.held))
	}
}

// TestRunInterrupted: a run that is interrupted does not wait for a key, and saves nothing from then on.
func TestRunInterrupted(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	store := &fakeStore{held: map[string]string{}}
	release := make(chan struct{})
	all := orders(1, func(_ int, m fakeMeans) provision.Means { return blocked{m, cancel, release} })
	err := provision.Run(ctx, store, all, provision.Options{}, func(provision.Result) error {
		t.Error("a result")
		return nil
	})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	close(release)
	time.Sleep(10 * time.Millisecond)
	store.mu.Lock()
	defer store.mu.Unlock()
	if len(store.held) > 0 {
		t.Errorf("saved %v", store.held)
	}
}

// blocked is a means that ends the run and then takes until it is released.
type blocked struct {
	fakeMeans
	cancel  func()
	release chan struct{}
}

func (m blocked) Decide(held provision.Held, now time.Time) (provision.Result, error) {
	m.cancel()
	<-m.release
	return m.fakeMeans.Decide(held, now)
}

// TestRunSlow: who watches is told of an order that takes long, once.
func TestRunSlow(t *testing.T) {
	t.Parallel()
	var slow []string
	all := orders(3, func(i int, m fakeMeans) provision.Means {
		if i == 1 {
			m.after = 1200 * time.Millisecond
		}
		return m
	})
	options := provision.Options{Slow: func(order provision.Order) { slow = append(slow, order.Secret.Name) }}
	err := provision.Run(t.Context(), &fakeStore{held: map[string]string{}}, all, options, func(provision.Result) error { return nil })
	if err != nil || !slices.Equal(slow, []string{"o1"}) {
		t.Errorf("%q, %v", slow, err)
	}
}

// TestRunNeedsRoot: a bundle that cannot do without ca.crt stops its order before anything is saved.
func TestRunNeedsRoot(t *testing.T) {
	t.Parallel()
	store := &fakeStore{held: map[string]string{}}
	all := orders(1, func(_ int, m fakeMeans) provision.Means { return m })
	all[0].Bundle.NeedsRoot = "the client"
	err := provision.Run(t.Context(), store, all, provision.Options{}, func(provision.Result) error { return nil })
	if err == nil || !strings.Contains(err.Error(), "ca.crt") || pki.HintOf(err) == "" || len(store.held) > 0 {
		t.Errorf("%v, saved %v", err, store.held)
	}
}
