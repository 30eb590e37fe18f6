package certmanager

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"io"
	"iter"
	"strings"

	corev1 "k8s.io/api/core/v1"

	"certgen/certs"
	"certgen/certs/pki"
	"certgen/render"
	"certgen/secrets"
	"certgen/secrets/cluster"
	"certgen/secrets/provision"
)

// Source is a manifest, which is read more than once.
type Source struct {
	Name string // for people
	Open func() (io.ReadCloser, error)
}

// entry is an object of the input, or an item of a List. Exactly one of its pointers is set, or none for what is passed on.
type entry struct {
	pki.Place
	object      render.Object
	certificate *wanted // where there are problems, its Secret and who signs it, as far as they are known
	issuer      *Issuer
	secret      *corev1.Secret
	workloads   []workload // in what is passed on
	problems    pki.PlacedProblems
}

// wanted is a Certificate, translated.
type wanted struct {
	order   provision.Order // without its means
	request certs.Request
	life    string // as it was written
	ref     issuerID
	keepKey bool
	refs    []passwordRef // that are still to be filled in
}

func (w *wanted) secretName() cluster.SecretName {
	return cluster.SecretName{Namespace: w.order.Secret.Namespace, Name: w.order.Secret.Name}
}

// issuerID names an issuer; the namespace of a ClusterIssuer is "".
type issuerID struct{ kind, namespace, name string }

func (id issuerID) String() string {
	if id.namespace != "" {
		return id.kind + " " + id.namespace + "/" + id.name
	}
	return id.kind + " " + id.name
}

// reading is one pass through the input.
type reading struct {
	sources   []Source
	namespace string // of objects that name none
	one       bool   // no other is allowed
	checksums bool   // workloads are looked for
}

// each calls use with all objects of the input, in its order. It reads on all cores. An error of use ends it.
func (r reading) each(ctx context.Context, use func(entry) error) error {
	return provision.InOrder(ctx, r.documents(), func(entries []entry) error {
		for _, e := range entries {
			if err := use(e); err != nil {
				return err
			}
		}
		return nil
	})
}

// documents are what reads one document each.
func (r reading) documents() iter.Seq[func() []entry] {
	return func(yield func(func() []entry) bool) {
		for _, source := range r.sources {
			if !r.source(source, yield) {
				return
			}
		}
	}
}

func (r reading) source(source Source, yield func(func() []entry) bool) bool {
	unread := func(err error) bool {
		return yield(func() []entry {
			return []entry{{problems: pki.PlacedProblems{{Place: pki.Place{Source: source.Name}, Err: err}}}}
		})
	}
	in, err := source.Open()
	if err != nil {
		return unread(err)
	}
	defer in.Close()
	for doc, err := range render.Objects(in) {
		if err != nil {
			return unread(err)
		}
		if !yield(func() []entry { return r.document(source.Name, doc) }) {
			return false
		}
	}
	return true
}

// document reads a document. What cannot be of cert-manager is not parsed: it is passed on as it is.
func (r reading) document(source string, doc render.Document) []entry {
	place := pki.Place{Source: source, Line: doc.Line}
	if !bytes.Contains(doc.Text, []byte(Group+"/")) && !bytes.Contains(doc.Text, []byte("Secret")) && doc.LooksLikeObject() {
		e := entry{Place: place, object: render.Object{Document: doc}}
		if r.checksums && mayUseSecrets(doc.Text) {
			if object, err := doc.Object(); err == nil { // what is wrong with it is for the API server to say
				e.workloads = r.workloads(append(object.Items(), object)...)
			}
		}
		return []entry{e}
	}
	object, err := doc.Object()
	if err != nil {
		return []entry{{Place: place, problems: pki.PlacedProblems{{Place: place, Err: err}}}}
	}
	items := object.Items()
	if len(items) == 0 || !holdsCertManagers(items) {
		e := r.object(source, object)
		e.workloads = r.workloads(append(items, object)...)
		return []entry{e}
	}
	var entries []entry
	for _, item := range items {
		e := r.object(source, item)
		if e.certificate == nil && e.issuer == nil && len(e.problems) == 0 {
			e = r.passedOn(e, item)
		}
		entries = append(entries, e)
	}
	return entries
}

// passedOn makes an item of a List a document of its own.
func (r reading) passedOn(e entry, item render.Object) entry {
	text, err := item.Encode()
	if err == nil {
		alone := render.Document{Number: item.Number, Line: e.Line, Text: text}
		e.object, err = alone.Object()
	}
	if err != nil {
		e.problems = problemsAt(e.Source, item, err)
		return e
	}
	e.workloads = r.workloads(e.object)
	return e
}

func holdsCertManagers(items []render.Object) bool {
	for _, item := range items {
		if strings.HasPrefix(item.APIVersion, Group+"/") {
			return true
		}
	}
	return false
}

// object reads one object.
func (r reading) object(source string, o render.Object) entry {
	line, column := o.Place()
	e := entry{Place: pki.Place{Source: source, Line: line, Column: column}, object: o}
	var err error
	switch wrong := checkKind(o); {
	case wrong != nil:
		err = wrong
	case o.APIVersion == APIVersion && o.Kind == KindCertificate:
		e.certificate, err = r.certificate(o)
	case o.APIVersion == APIVersion && (o.Kind == KindIssuer || o.Kind == KindClusterIssuer):
		e.issuer, err = r.issuer(o)
	case o.APIVersion == "v1" && o.Kind == "Secret":
		e.secret, err = r.secret(o)
	}
	e.problems = problemsAt(source, o, err)
	return e
}

func (r reading) secret(o render.Object) (*corev1.Secret, error) {
	secret := &corev1.Secret{}
	if err := o.Read(secret); err != nil {
		return nil, err
	}
	var err error
	secret.Namespace, err = r.in(secret.Namespace)
	return secret, err
}

// in is the namespace of an object: its own, or that of -n, which must not differ.
func (r reading) in(namespace string) (string, error) {
	if namespace == "" || !r.one || namespace == r.namespace {
		return cmp.Or(namespace, r.namespace), nil
	}
	return namespace, pki.Problems{{Field: secrets.FieldNamespace, Value: namespace, Reason: fmt.Sprintf("is not the namespace %s that -n asks for", r.namespace), Hint: "leave -n out"}}
}

// issuer is who signs the Certificate.
func (c *Certificate) issuer() issuerID {
	id := issuerID{c.Spec.IssuerRef.kind(), c.Metadata.Namespace, c.Spec.IssuerRef.Name}
	if id.kind == KindClusterIssuer {
		id.namespace = ""
	}
	return id
}
