package provision

import (
	"context"
	"errors"
	"runtime"
	"slices"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// TestInOrder: results come in the order of the jobs, whichever ends first, and few jobs are under way.
func TestInOrder(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const n = 1000
		var begun, used atomic.Int64
		jobs := func(yield func(func() int) bool) {
			for i := range n {
				job := func() int {
					time.Sleep(time.Duration(i%7) * time.Millisecond)
					return i
				}
				if begun.Add(1); !yield(job) {
					return
				}
			}
		}
		var got []int
		err := InOrder(t.Context(), jobs, func(i int) error {
			got = append(got, i)
			if ahead := begun.Load() - used.Add(1); ahead > int64(6*runtime.GOMAXPROCS(0)) {
				t.Fatalf("%d jobs ahead", ahead)
			}
			return nil
		})
		if err != nil || len(got) != n || !slices.IsSorted(got) {
			t.Errorf("%d results, in order: %t, %v", len(got), slices.IsSorted(got), err)
		}
	})
}

// TestInOrderInterrupted: an interrupt is not kept waiting, neither by a job nor by where the jobs come from.
func TestInOrderInterrupted(t *testing.T) {
	t.Parallel()
	for name, silent := range map[string]func(yield func(func() int) bool, pipe chan int){
		"job":    func(yield func(func() int) bool, pipe chan int) { yield(func() int { return <-pipe }) },
		"source": func(_ func(func() int) bool, pipe chan int) { <-pipe },
	} {
		synctest.Test(t, func(t *testing.T) {
			ctx, interrupt := context.WithCancel(t.Context())
			pipe := make(chan int)
			time.AfterFunc(time.Second, interrupt)
			err := InOrder(ctx, func(yield func(func() int) bool) { silent(yield, pipe) }, func(int) error { return nil })
			if !errors.Is(err, context.Canceled) {
				t.Errorf("%s: %v", name, err)
			}
			close(pipe)
		})
	}
}

// TestInOrderStops: when a result cannot be used, no more jobs begin, and nothing is left running.
func TestInOrderStops(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		full := errors.New("full")
		begun := 0
		err := InOrder(t.Context(), func(yield func(func() int) bool) {
			for yield(func() int { return 0 }) {
				begun++
			}
		}, func(int) error { return full })
		synctest.Wait()
		if !errors.Is(err, full) || begun > 100 {
			t.Errorf("%v after %d jobs", err, begun)
		}
	})
}
