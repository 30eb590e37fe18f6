package provision

import (
	"context"
	"iter"
	"runtime"
)

// InOrder runs jobs on all cores and hands their results to use in the order of the jobs. As many are
// under way at a time as keep the cores busy, so what they hold is bounded; when use fails, no more begin.
// When ctx ends it returns at once: nothing can stop who reads from a pipe that stays silent.
func InOrder[T any](ctx context.Context, jobs iter.Seq[func() T], use func(T) error) error {
	cores := runtime.GOMAXPROCS(0)
	type task struct {
		job  func() T
		done chan T
	}
	todo, order := make(chan task, 4*cores), make(chan task, 4*cores)
	stop := make(chan struct{})
	defer close(stop)
	for range cores {
		go func() {
			for t := range todo {
				t.done <- t.job()
			}
		}()
	}
	go func() {
		defer close(order)
		defer close(todo)
		for job := range jobs {
			t := task{job, make(chan T, 1)}
			select {
			case order <- t:
			case <-stop:
				return
			}
			select {
			case todo <- t:
			case <-stop:
				return
			}
		}
	}()
	for {
		select {
		case t, more := <-order:
			if !more {
				return nil
			}
			select {
			case result := <-t.done:
				if err := use(result); err != nil {
					return err
				}
			case <-ctx.Done():
				return ctx.Err()
			}
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}
