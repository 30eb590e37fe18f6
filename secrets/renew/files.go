package renew

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"certgen/certs/pki"
	"certgen/render/file"
	"certgen/secrets"
	"certgen/secrets/provision"
)

// Files renews manifests and pairs of PEM files in place.
type Files struct {
	Paths    []string
	Choice   Choice
	Adopt    bool // takes over Secrets in manifests that others keep
	DryRun   bool
	Override Override
	Parallel int

	// Each is called with every certificate that is renewed or cannot be, in the order of the files.
	Each func(Outcome)
	// Changed is called once when files have changed. Where it fails, all of them are put back as they were.
	Changed func(context.Context) error
}

// Run renews what is to be. What fails does not stop the others; the error is of what ends the run, or says that Changed failed.
func (f *Files) Run(ctx context.Context) (Summary, error) {
	found, err := places(f.Paths)
	if err != nil {
		return Summary{}, err
	}
	run := &filesRun{Files: f, authorities: newAuthorities(nil, f.Override)}
	run.authorities.beside = find(found)
	failed := run.each(ctx, run.authorities.beside.first(found))
	if run.sum.Seen == 0 && failed == nil {
		return run.sum, pki.WithHint(fmt.Errorf("nothing to renew in %s", pki.ShortList(f.Paths)), "what can be renewed: manifests with Secrets, and certificates in PEM with their keys beside them")
	}
	if len(run.before) == 0 || f.Changed == nil {
		return run.sum, failed
	}
	if err := f.Changed(ctx); err != nil {
		if put := file.WriteFiles(run.before...); put != nil { // which an interrupt is not to hide
			return run.sum, fmt.Errorf("%v; and the files from before could not be put back: %w", err, put)
		}
		run.sum.PutBack, run.sum.Renewed = run.sum.Renewed, 0
		return run.sum, pki.WithHint(fmt.Errorf("%w; the files from before are put back", err), "%s", pki.HintOf(err))
	}
	return run.sum, failed
}

// each renews what is to be in some files.
func (r *filesRun) each(ctx context.Context, places []place) error {
	for _, p := range places {
		if err := ctx.Err(); err != nil {
			return err
		}
		if p.manifest != "" {
			r.manifest(ctx, p.manifest)
		} else {
			r.pair(ctx, p)
		}
	}
	return nil
}

// filesRun is one run.
type filesRun struct {
	*Files
	authorities *authorities
	before      []file.File // what was changed, as it was
	sum         Summary
}

// tell counts and passes on an outcome.
func (r *filesRun) tell(o Outcome) {
	r.sum.Seen++
	switch v := o.Decision.Verdict; {
	case o.Err != nil:
		r.sum.Failed++
	case o.Renewed():
		r.sum.Renewed++
	case v == Foreign:
		r.sum.Foreign++
		return
	case v == Waiting:
		r.sum.Waiting++
	default:
		r.sum.Kept++
		return
	}
	r.Each(o)
}

// before are the files of a pair as they are, for whoever must put them back.
func (p place) before() (files []file.File, err error) {
	for _, f := range []file.File{{Path: p.cert}, {Path: p.ca}, {Path: p.key, Private: true}} {
		if f.Path == "" {
			continue
		}
		if f.Data, err = os.ReadFile(f.Path); err != nil {
			return nil, err
		}
		files = append(files, f)
	}
	return files, nil
}

// pair renews a pair of PEM files.
func (r *filesRun) pair(ctx context.Context, p place) {
	c := &Candidate{Ref: p.cert, path: p.cert}
	if p.left != "" {
		c.Decision = Decision{Verdict: Foreign, Reason: p.left}
		r.tell(Outcome{Candidate: *c})
		return
	}
	store := &provision.PEMFiles{Cert: p.cert, Key: p.key, CA: p.ca}
	order := provision.Order{Secret: secrets.Meta{Name: p.cert}}
	held, err := provision.Read(ctx, store, order)
	if err == nil {
		err = c.fromPEM(p, held.PEM, order, r.Choice, time.Now())
	}
	if err == nil && !c.Decision.Renews() && c.Decision.Verdict != Unfit {
		r.tell(Outcome{Candidate: *c})
		return
	}
	if err == nil && c.Decision.Verdict == Unfit {
		err = c.err()
	}
	if err != nil {
		r.tell(Outcome{Candidate: *c, Err: err})
		return
	}
	before, err := p.before()
	if err != nil {
		r.tell(Outcome{Candidate: *c, Err: err})
		return
	}
	outcome := r.bring(ctx, store, c)
	if outcome.Err == nil && outcome.Renewed() {
		r.authorities.beside.add(p.cert, nil, outcome.Result.PEM)
		if !r.DryRun {
			r.before = append(r.before, before...)
		}
	}
	r.tell(outcome)
}

// fromPEM judges a pair in files. Two that do not belong together are left alone, for the key may be of use elsewhere, unless
// a run was killed between them.
func (c *Candidate) fromPEM(p place, held pki.PEM, order provision.Order, choice Choice, now time.Time) error {
	chain, err := pki.ParseCertificates(held.Cert)
	if err != nil {
		return err
	}
	c.Leaf, c.urls, c.held, c.hasRoot, c.order = chain[0], chain[0].CRLDistributionPoints, held.Cert, len(held.CA) > 0, order
	c.Decision = choice.Decide(c.Leaf, c.order.Secret.Renewal, now)
	switch _, broken := pki.ParsePair(held); {
	case broken != nil && file.Staged(p.key):
		c.Decision = Decision{Verdict: Due, Reason: "a run was interrupted before it had written the key"}
	case broken != nil:
		c.unfit(fmt.Sprintf("does not go with the key %s: %v", p.key, broken), "put the right key beside it, or move one of the two away")
		return nil
	case !c.Decision.Renews():
		return nil
	}
	c.askAgain(held)
	return nil
}

// bring has one candidate issued again.
func (r *filesRun) bring(ctx context.Context, store provision.Store, c *Candidate) Outcome {
	issuer, from, err := r.authorities.of(ctx, c)
	if err != nil {
		return Outcome{Candidate: *c, Err: err}
	}
	order := c.order
	order.Means = c.means(issuer, from)
	if r.DryRun {
		store = told{store}
	}
	outcome := Outcome{Candidate: *c, Err: errors.New("not reached")}
	err = provision.Run(ctx, store, []provision.Order{order}, provision.Options{}, func(result provision.Result) error {
		outcome.Result, outcome.Err = &result, result.Err
		return nil
	})
	if err != nil {
		outcome.Err = err
	}
	return outcome
}

// told is a store that is not written to.
type told struct{ provision.Store }

// Save does nothing.
func (told) Save(context.Context, provision.Held, *provision.Result) error { return nil }
