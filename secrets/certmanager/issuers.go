package certmanager

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"

	"certgen/certs"
	"certgen/certs/pki"
	"certgen/secrets"
	"certgen/secrets/cluster"
	"certgen/secrets/provision"
	"certgen/secrets/spec"
)

// Elsewhere finds what the input does not hold: in a cluster.
type Elsewhere interface {
	// Issuer reads an Issuer or, without a namespace, a ClusterIssuer; nil where there is none.
	Issuer(ctx context.Context, kind, namespace, name string) (*Issuer, error)
	// Secret reads a Secret; nil where there is none.
	Secret(ctx context.Context, namespace, name string) (*corev1.Secret, error)
}

// resolver finds out who signs. CAs that the input wants made are decided on the way, so that the certificates below them can be
// checked before anything is saved.
type resolver struct {
	survey  *survey
	store   provision.Store
	options Options
	now     time.Time
	known   map[issuerID]certs.Issuer
	origins map[issuerID]spec.Issuer // of CAs that a Secret keeps
	failed  map[issuerID]error
	settled map[cluster.SecretName]provision.Settled
}

func newResolver(s *survey, store provision.Store, o Options, now time.Time) *resolver {
	return &resolver{s, store, o, now, map[issuerID]certs.Issuer{}, map[issuerID]spec.Issuer{}, map[issuerID]error{}, map[cluster.SecretName]provision.Settled{}}
}

// all resolves every issuer that a Certificate names, and returns what is wrong with them, once an issuer.
func (r *resolver) all(ctx context.Context) (problems pki.PlacedProblems, err error) {
	byName := func(a, b issuerID) int { return cmp.Compare(a.String(), b.String()) }
	for _, id := range slices.SortedFunc(maps.Keys(r.survey.users), byName) {
		used := r.survey.users[id]
		if _, err := r.issuer(ctx, id, nil); err != nil {
			if ctx.Err() != nil {
				return nil, ctx.Err()
			}
			if used.count > 1 {
				err = pki.WithHint(fmt.Errorf("%w (wanted by %d Certificates)", err, used.count), "%s", pki.HintOf(err))
			}
			problems = append(problems, pki.PlacedProblem{Place: used.first, Object: used.object, Err: err})
		}
	}
	return problems, nil
}

// issuer resolves one issuer; trail are the Certificates and issuers that led to it.
func (r *resolver) issuer(ctx context.Context, id issuerID, trail []string) (certs.Issuer, error) {
	if found, ok := r.known[id]; ok {
		return found, nil
	}
	if err, ok := r.failed[id]; ok {
		return nil, err
	}
	if slices.Contains(trail, id.String()) {
		return nil, pki.WithHint(fmt.Errorf("the issuers form a cycle: %s", strings.Join(append(trail, id.String()), " → ")),
			"a CA cannot sign itself: have an Issuer with selfSigned sign the first one")
	}
	found, err := r.resolve(ctx, id, append(slices.Clip(trail), id.String()))
	if err != nil {
		r.failed[id] = err
		return nil, err
	}
	r.known[id] = found
	return found, nil
}

func (r *resolver) resolve(ctx context.Context, id issuerID, trail []string) (certs.Issuer, error) {
	written, ok := r.survey.issuers[id]
	issuer := written.object
	if !ok {
		found, err := r.elsewhere(ctx, id)
		if found == nil || err != nil {
			if err == nil && r.options.CA != nil {
				return r.options.CA.ForCertManager(certs.Published{}), nil
			}
			return nil, err
		}
		issuer = found
	}
	if r.survey.unusable[id] {
		return nil, fmt.Errorf("its issuer cannot be used: see %s at %s", id, written.Place)
	}
	if s := issuer.Spec.SelfSigned; s != nil {
		return certs.SelfSigned{CRLDistributionPoints: s.CRLDistributionPoints}, nil
	}
	namespace := id.namespace
	if id.kind == KindClusterIssuer {
		namespace = r.options.ClusterResourceNamespace
	}
	name := cluster.SecretName{Namespace: namespace, Name: issuer.Spec.CA.SecretName}
	ca, err := r.ca(ctx, id, name, trail)
	if err != nil {
		return nil, err
	}
	if _, ours := r.survey.authorities[name]; ours {
		ca = ca.Renewed()
	}
	if ca != r.options.CA {
		if id.kind != KindClusterIssuer {
			name.Namespace = "" // the certificate's own
		}
		r.origins[id] = spec.Issuer{Namespace: name.Namespace, SecretName: name.Name}
	}
	if err := ca.Admit(certs.Request{}, r.now); err != nil {
		return nil, inOneLine(id.String(), err)
	}
	return ca.ForCertManager(certs.Published{
		CRLDistributionPoints: issuer.Spec.CA.CRLDistributionPoints, OCSPServers: issuer.Spec.CA.OCSPServers, IssuingCertificateURLs: issuer.Spec.CA.IssuingCertificateURLs,
	}), nil
}

// elsewhere reads an issuer that is not in the input. Not to be found is no error where a CA is named that signs instead.
func (r *resolver) elsewhere(ctx context.Context, id issuerID) (*Issuer, error) {
	if r.options.Elsewhere != nil {
		found, err := r.options.Elsewhere.Issuer(ctx, id.kind, id.namespace, id.name)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", id, err)
		}
		if found != nil {
			if err := found.check(); err != nil {
				return nil, fmt.Errorf("%s: %w", id, err)
			}
			return found, nil
		}
	}
	if r.options.CA != nil {
		return nil, nil
	}
	err := fmt.Errorf("%s is not in the input", id)
	for other := range r.survey.issuers {
		if other.name == id.name && other.kind == id.kind {
			return nil, pki.WithHint(fmt.Errorf("%s is not in the input, but %s is", id, other), "an Issuer signs in its own namespace alone; a ClusterIssuer does in all")
		}
	}
	return nil, pki.WithHint(err, "add it to the input, or name a CA that signs instead with --ca-cert")
}

// ca reads the CA in a Secret.
func (r *resolver) ca(ctx context.Context, id issuerID, name cluster.SecretName, trail []string) (*certs.CA, error) {
	pair, err := r.pair(ctx, id, name, trail)
	if err != nil {
		return nil, err
	}
	if pair.Empty() {
		if r.options.CA != nil {
			return r.options.CA, nil
		}
		err := fmt.Errorf("%s signs with the CA in the Secret %s, which is not in the input", id, shown(name))
		return nil, pki.WithHint(err, "add the Secret, or a Certificate with isCA that makes it; or name the CA with --ca-cert")
	}
	ca, err := certs.ParseCA(bytes.Join([][]byte{pair.Cert, pair.CA}, []byte("\n")), pair.Key, nil)
	if err != nil {
		return nil, fmt.Errorf("%s: the Secret %s: %w", id, shown(name), err)
	}
	return ca, nil
}

// pair finds the pair in a CA's Secret: made from the input, in the input, and elsewhere or else in the store. It is empty where there is
// none.
func (r *resolver) pair(ctx context.Context, id issuerID, name cluster.SecretName, trail []string) (pki.PEM, error) {
	if authority, ok := r.survey.authorities[name]; ok {
		return r.settle(ctx, name, authority.object, trail)
	}
	if place, ok := r.survey.unread[name]; ok {
		return pki.PEM{}, fmt.Errorf("its issuer cannot be used: see the Certificate at %s, which makes the CA of %s", place, id)
	}
	if found, ok := r.survey.names[r.survey.hash(name)]; ok {
		return pki.PEM{}, pki.WithHint(fmt.Errorf("%s signs with the Secret %s, but the Certificate at %s that makes it is not a CA", id, shown(name), r.survey.place(found)), "isCA: true makes it one")
	}
	if secret, ok := r.survey.secrets[name]; ok {
		return secrets.PEMOf(secret), nil
	}
	if r.options.Elsewhere != nil { // the store is the cluster, too, but whoever made a CA, it signs
		secret, err := r.options.Elsewhere.Secret(ctx, name.Namespace, name.Name)
		if secret == nil || err != nil {
			return pki.PEM{}, err
		}
		return secrets.PEMOf(secret), nil
	}
	held, err := provision.Read(ctx, r.store, provision.Order{Secret: secrets.Meta{Namespace: name.Namespace, Name: name.Name}})
	return held.PEM, err
}

// settle decides on a CA that the input wants, once its own issuer is known.
func (r *resolver) settle(ctx context.Context, name cluster.SecretName, w *wanted, trail []string) (pki.PEM, error) {
	if settled, ok := r.settled[name]; ok {
		return settled.PEM(), nil
	}
	issuer, err := r.issuer(ctx, w.ref, append(slices.Clip(trail), "Certificate "+shown(name)))
	if err != nil {
		return pki.PEM{}, err
	}
	if err := r.fill(ctx, w); err != nil {
		return pki.PEM{}, err
	}
	order := w.order
	order.Means = w.means(issuer, r.origins[w.ref], r.options)
	settled, err := provision.Settle(ctx, r.store, order, r.now)
	if err != nil {
		return pki.PEM{}, fmt.Errorf("the CA in the Secret %s: %w", shown(name), err)
	}
	r.settled[name] = settled
	return settled.PEM(), nil
}

// keeps reports whether the store holds a Certificate's pair, so that nobody has to sign one; what is wrong with the store is said later.
func (r *resolver) keeps(ctx context.Context, w *wanted, issuer certs.Issuer) bool {
	held, err := provision.Read(ctx, r.store, w.order)
	return err == nil && w.means(issuer, spec.Issuer{}, r.options).Keeps(held, r.now)
}

// means is how a Certificate comes about.
func (w *wanted) means(issuer certs.Issuer, from spec.Issuer, o Options) provision.Issue {
	return provision.Issue{Request: w.request, Issuer: issuer, From: from, Reissue: o.Reissue, KeepKey: w.keepKey}
}

// fill takes the passwords of a Certificate's keystores from the Secrets that hold them.
func (r *resolver) fill(ctx context.Context, w *wanted) error {
	for _, ref := range w.refs {
		name := cluster.SecretName{Namespace: w.order.Secret.Namespace, Name: ref.Name}
		secret, ok := r.survey.secrets[name]
		if !ok && r.options.Elsewhere != nil {
			var err error
			if secret, err = r.options.Elsewhere.Secret(ctx, name.Namespace, name.Name); err != nil {
				return err
			}
		}
		if err := ref.fill(secret); err != nil {
			return err
		}
	}
	return nil
}

// needsCheck reports whether a Certificate may be refused for what its issuer is: most may not, and need not be read once more for that.
func (r *resolver) needsCheck() bool {
	for id, used := range r.survey.users {
		ca, _ := r.known[id].(*certs.CA)
		if used.checks || ca != nil && (ca.Restricts() || r.now.Add(used.life).After(ca.Latest())) {
			return true
		}
	}
	return false
}

// admit is what keeps a Certificate from being issued: the passwords that are not there, and what its issuer has against it.
func (r *resolver) admit(ctx context.Context, w *wanted) error {
	if err := r.fill(ctx, w); err != nil {
		return err
	}
	issuer, ok := r.known[w.ref]
	if !ok {
		return nil // said once for the issuer
	}
	err := issuer.Admit(w.request, r.now)
	if err == nil || r.keeps(ctx, w, issuer) {
		return nil
	}
	var problems pki.Problems
	if errors.As(err, &problems) {
		problems = slices.Clone(problems)
		for i := range problems {
			switch problems[i].Field {
			case pki.FieldIssuer:
				problems[i].Field = "issuerRef"
			case pki.FieldDuration:
				problems[i].Value = w.life
			}
		}
		return problems
	}
	return err
}
