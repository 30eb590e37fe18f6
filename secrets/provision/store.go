package provision

import (
	"context"
	"errors"
	"fmt"

	"certgen/certs/pki"
)

// Store is where certificates live.
type Store interface {
	// Load finds what the store holds of each order and calls each with the order's index and what reads it: once for
	// every order, one call at a time, in whatever order is cheapest. What the store can see that it would refuse is an
	// error already here, before a key is made; so are orders that it has no place for. An error of each ends it.
	Load(ctx context.Context, orders []Order, each func(i int, read func() (Held, error)) error) error

	// Save makes the store hold r.PEM in place of held and fills in what it did. [ErrChanged] says that the store no
	// longer holds what was loaded.
	Save(ctx context.Context, held Held, r *Result) error
}

// Held is what a store holds of an order: its pair, empty where there is none, and the store's own notes about it.
type Held struct {
	PEM   pki.PEM
	place string // where it is, for people
	state any
}

// ErrChanged is a save that was given up because another writer was faster.
var ErrChanged = errors.New("changed by another writer since it was read")

// changed is an error that says why, and is an [ErrChanged].
type changed struct{ error }

func (e changed) Unwrap() error      { return e.error }
func (changed) Is(target error) bool { return target == ErrChanged }

// Read returns what a store holds of one order.
func Read(ctx context.Context, store Store, order Order) (held Held, err error) {
	failed := store.Load(ctx, []Order{order}, func(_ int, read func() (Held, error)) error {
		held, err = read()
		return err
	})
	return held, failed
}

// one loads a store that has place for one order.
func one(orders []Order, each func(i int, read func() (Held, error)) error, read func() (Held, error)) error {
	if len(orders) != 1 {
		return fmt.Errorf("%d certificates for one place", len(orders))
	}
	return each(0, read)
}
