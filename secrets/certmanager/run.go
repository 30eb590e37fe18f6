package certmanager

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"time"

	"certgen/certs"
	"certgen/certs/pki"
	"certgen/render"
	"certgen/secrets/provision"
)

// DefaultResourceNamespace is where cert-manager looks for the Secrets of ClusterIssuers, unless it is told otherwise:
// https://cert-manager.io/docs/configuration/#cluster-resource-namespace
const DefaultResourceNamespace = "cert-manager"

// Options say how [Run] works.
type Options struct {
	Namespace                string    // of objects that name none
	OneNamespace             bool      // and the only one that is allowed
	ClusterResourceNamespace string    // where the Secrets of ClusterIssuers are
	CA                       *certs.CA // signs for issuers that are not found; nil for none
	Elsewhere                Elsewhere // nil for nowhere
	Parallel                 int       // certificates at the same time
	Reissue                  bool      // make new certificates though the old ones fit
	Checksums                bool      // workloads that use one of the Secrets get the checksum of its certificate
	Begin                    func(int) // called, where it is not nil, with how many Certificates there are before the first is made
	KeepGoing                bool      // what is wrong with some of the input does not stop the rest
}

// Done is what became of one object of the input: one of Result, Text and Err is set.
type Done struct {
	pki.Place
	Result *provision.Result // a Certificate's, or its failure
	Text   []byte            // an object that is passed on, as a document of its own
	Err    error             // what could not be read or signed, with KeepGoing
}

// Summary counts what became of the Certificates.
type Summary struct {
	Kept, Issued, Reissued int
	Failed                 int // Certificates
	Unusable               int // objects of other kinds, and what is no object
	Others                 int // objects that were passed on
}

// Whole reports whether nothing was wrong with any object.
func (s Summary) Whole() bool { return s.Failed+s.Unusable == 0 }

// batch is how many Certificates are held at a time: enough that cores seldom wait for each other's last ones, few enough that memory
// does not count.
const batch = 512

// reserve is memory that is never touched and so costs nothing, in bytes. The garbage collector lets a program have as much garbage as
// memory in use, and counts this in. With the few MB alone that are in use while thousands of certificates are made, it would take a
// sixth of the time.
const reserve = 24 << 20

// Run brings about the Certificates in the sources and calls each with everything, in the order of the input and one at a time.
//
// The input is read from end to end before anything is issued, so that everything wrong with it is said at once, as [pki.PlacedProblems], and
// nothing has been written. CAs that it makes are made first, and what they sign is checked before they are saved.
func Run(ctx context.Context, sources []Source, store provision.Store, o Options, each func(Done) error) (Summary, error) {
	reserved := make([]byte, reserve)
	defer runtime.KeepAlive(reserved)
	r := reading{sources: sources, namespace: o.Namespace, one: o.OneNamespace, checksums: o.Checksums}
	found, err := look(ctx, r)
	if err != nil {
		return Summary{}, err
	}
	if found.empty && len(sources) > 0 {
		return Summary{}, pki.WithHint(fmt.Errorf("%s: there is no object in it", strings.Join(names(sources), ", ")), "-f reads manifests of Kubernetes, in YAML or JSON")
	}
	resolved := newResolver(found, store, o, time.Now())
	problems, err := resolved.all(ctx)
	if err != nil {
		return Summary{}, err
	}
	problems = append(found.problems, problems...)
	admitted, used, err := check(ctx, r, resolved)
	if err != nil {
		return Summary{}, err
	}
	problems = append(problems, admitted...)
	if len(problems) == 0 || o.KeepGoing {
		problems = append(problems, resolved.settleUsed(ctx, used)...)
	}
	if err := cmp.Or(ctx.Err(), problems.InOrder(names(sources)...)); err != nil && (!o.KeepGoing || ctx.Err() != nil) {
		return Summary{}, err
	}
	if o.Begin != nil {
		o.Begin(len(found.names))
	}
	b := &batches{ctx: ctx, store: store, options: o, resolved: resolved, each: each,
		sum: Summary{Others: found.others}}
	if err := r.each(ctx, b.add); err != nil {
		return b.sum, err
	}
	return b.sum, b.flush()
}

func names(sources []Source) (all []string) {
	for _, s := range sources {
		all = append(all, s.Name)
	}
	return all
}

// check asks the issuers whether they may sign what is wanted of them, and returns what workloads use of it and is not settled yet.
func check(ctx context.Context, r reading, resolved *resolver) (problems pki.PlacedProblems, used []placed[*wanted], err error) {
	if !resolved.needsCheck() && len(resolved.survey.used) == 0 {
		return nil, nil, nil
	}
	err = r.each(ctx, func(e entry) error {
		w := e.certificate
		if w == nil || len(e.problems) > 0 {
			return nil
		}
		wrong := problemsAt(e.Source, e.object, resolved.admit(ctx, w))
		problems = append(problems, wrong...)
		_, twice := resolved.survey.repeated[e.Place]
		_, settled := resolved.settled[w.secretName()]
		if resolved.survey.used[w.secretName()] && !twice && !settled && len(wrong) == 0 {
			used = append(used, placed[*wanted]{e.Place, w})
		}
		return nil
	})
	return problems, used, err
}

// batches bring about one lot of Certificates after the other.
type batches struct {
	ctx      context.Context
	store    provision.Store
	options  Options
	resolved *resolver
	each     func(Done) error
	sum      Summary

	waiting []Done // what is not to be brought about, and nil Results in the places of orders
	orders  []provision.Order
}

func (b *batches) add(e entry) error {
	switch {
	case len(e.problems) > 0:
		return b.fail(e, e.problems)
	case e.certificate != nil:
		return b.want(e)
	case e.issuer == nil:
		text, err := b.resolved.annotated(e.object.Text, e.workloads)
		if err != nil {
			return b.fail(e, pki.PlacedProblem{Place: e.Place, Err: err})
		}
		b.waiting = append(b.waiting, Done{Place: e.Place, Text: render.Separate(text)})
	}
	return b.flushIfFull()
}

// want adds a Certificate.
func (b *batches) want(e entry) error {
	w := e.certificate
	if problem, twice := b.resolved.survey.repeated[e.Place]; twice {
		return b.fail(e, problem)
	}
	issuer, ok := b.resolved.known[w.ref]
	if !ok {
		return b.fail(e, pki.PlacedProblem{Place: e.Place, Object: described(e.object), Err: b.resolved.failed[w.ref]})
	}
	prepare := b.resolved.fill
	if b.options.KeepGoing { // else everything has been admitted, or nothing is wanted
		prepare = b.resolved.admit
	}
	if err := prepare(b.ctx, w); err != nil {
		return b.fail(e, problemsAt(e.Source, e.object, err))
	}
	order := w.order
	order.Means = w.means(issuer, b.resolved.origins[w.ref], b.options)
	if settled, ok := b.resolved.settled[w.secretName()]; ok {
		order.Means = settled
	}
	b.waiting = append(b.waiting, Done{Place: e.Place, Result: &provision.Result{}})
	b.orders = append(b.orders, order)
	return b.flushIfFull()
}

// fail passes on what is wrong with an object.
func (b *batches) fail(e entry, err error) error {
	if e.certificate != nil || e.object.Kind == KindCertificate {
		b.sum.Failed++
	} else {
		b.sum.Unusable++
	}
	b.waiting = append(b.waiting, Done{Place: e.Place, Err: err})
	return b.flushIfFull()
}

func (b *batches) flushIfFull() error {
	if len(b.orders) < batch && len(b.waiting) < 2*batch {
		return nil
	}
	return b.flush()
}

// flush brings about what has been added.
func (b *batches) flush() error {
	rest := b.waiting
	// passOn hands out what stands before the next Certificate.
	passOn := func() error {
		for len(rest) > 0 && rest[0].Result == nil {
			next := rest[0]
			rest = rest[1:]
			if err := b.each(next); err != nil {
				return err
			}
		}
		return nil
	}
	options := provision.Options{Parallel: b.options.Parallel, KeepGoing: true}
	err := provision.Run(b.ctx, b.store, b.orders, options, func(result provision.Result) error {
		if err := passOn(); err != nil {
			return err
		}
		next := rest[0]
		rest = rest[1:]
		next.Result = &result
		b.count(result)
		return b.each(next)
	})
	err = errors.Join(err, passOn())
	b.waiting, b.orders = b.waiting[:0], b.orders[:0]
	return err
}

func (b *batches) count(r provision.Result) {
	switch {
	case r.Err != nil:
		b.sum.Failed++
	case r.Action == provision.Kept:
		b.sum.Kept++
	case r.Action == provision.Reissued:
		b.sum.Reissued++
	default:
		b.sum.Issued++
	}
}
