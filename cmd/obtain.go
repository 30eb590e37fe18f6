package cmd

import (
	"context"
	"time"

	"certgen/certs"
)

// outcome is the pair that a command ends with, and how it came by it.
type outcome struct {
	pair    *certs.KeyPair
	pem     certs.PEM // the pair as the store is to hold it
	kept    bool
	reasons []string // why the pair in the store was replaced
}

// obtain keeps the existing pair where it still fits, and has issuer make a new one where not.
func obtain(ctx context.Context, streams IOStreams, r certs.Request, issuer certs.Issuer, existing certs.PEM, reissue bool) (outcome, error) {
	now := time.Now()
	verdict := certs.Judge(r, existing, issuer, now)
	if verdict.Pair != nil && !reissue {
		return outcome{pair: verdict.Pair, pem: verdict.PEM, kept: true}, nil
	}
	if reissue && !existing.Empty() {
		verdict.Reasons = append([]string{"asked for by --reissue"}, verdict.Reasons...)
	}
	pair, err := issue(ctx, streams, r, issuer, now)
	if err != nil {
		return outcome{}, err
	}
	text, err := pair.PEM()
	return outcome{pair: pair, pem: text, reasons: verdict.Reasons}, err
}

// patience is how long a person watches a silent program before wondering whether it hangs.
const patience = time.Second

// issue makes the pair beside ctx, because the making of a large RSA key cannot be interrupted.
func issue(ctx context.Context, streams IOStreams, r certs.Request, issuer certs.Issuer, now time.Time) (*certs.KeyPair, error) {
	type result struct {
		pair *certs.KeyPair
		err  error
	}
	done := make(chan result, 1)
	go func() {
		pair, err := certs.Issue(r, issuer, now)
		done <- result{pair, err}
	}()
	slow := time.NewTimer(patience)
	defer slow.Stop()
	for {
		select {
		case made := <-done:
			if err := ctx.Err(); err != nil {
				return nil, err
			}
			return made.pair, made.err
		case <-slow.C:
			if streams.watched() {
				streams.printf("making an %s key, which can take a minute ...", r.Key)
			}
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}
