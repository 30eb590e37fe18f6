package provision

import (
	"bytes"
	"context"
	"errors"
	"time"

	"certgen/certs/pki"
)

// Settled is a [Means] that was decided before its turn: the pair of a CA, say, that others are signed with before any of them is
// saved.
type Settled struct {
	result Result
	seen   pki.PEM
	spec   string // what is kept beside the certificate
}

// Settle decides an order and saves nothing. Give the Settled to the order as its means before it is run.
func Settle(ctx context.Context, store Store, order Order, now time.Time) (Settled, error) {
	held, err := Read(ctx, store, order)
	if err != nil {
		return Settled{}, err
	}
	result, err := order.Means.Decide(held, now)
	return Settled{result, held.PEM, specOf(order.Means)}, err
}

// PEM is the pair that was decided on.
func (s Settled) PEM() pki.PEM { return s.result.PEM }

// Decide is what was decided. Where another writer has been there since, it fails: what was signed would not fit.
func (s Settled) Decide(held Held, _ time.Time) (Result, error) {
	if !bytes.Equal(held.PEM.Cert, s.seen.Cert) || !bytes.Equal(held.PEM.Key, s.seen.Key) {
		return Result{}, pki.WithHint(errors.New("another writer has changed it since certificates were signed with it"), "run it again")
	}
	return s.result, nil
}
