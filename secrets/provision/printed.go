package provision

import (
	"context"
	"slices"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/runtime"

	"certgen/certs/pki"
	"certgen/render"
	"certgen/secrets"
)

// Printed is standard output: it holds nothing, and what it saves is the [Result]'s Output, which the caller prints in
// the order of the orders.
type Printed struct {
	Encode func(r *Result) ([]byte, error)
}

// Load finds nothing.
func (Printed) Load(_ context.Context, orders []Order, each func(i int, read func() (Held, error)) error) error {
	for i := range orders {
		if err := each(i, func() (Held, error) { return Held{}, nil }); err != nil {
			return err
		}
	}
	return nil
}

// Save encodes the result.
func (s Printed) Save(_ context.Context, _ Held, r *Result) (err error) {
	r.Output, err = s.Encode(r)
	return err
}

// EncodeManifest returns what encodes a result as the manifest of its objects.
func EncodeManifest(format render.Format) func(*Result) ([]byte, error) {
	return func(r *Result) ([]byte, error) {
		secret, others, err := r.objects(nil)
		if err != nil {
			return nil, err
		}
		return render.Encode(format, append([]runtime.Object{secret}, others...)...)
	}
}

// EncodePEM encodes a result as the key, and behind it the certificates that a server sends.
func EncodePEM(r *Result) ([]byte, error) { return slices.Concat(r.PEM.Key, r.PEM.Cert), nil }

// objects builds an order's Secret with a pair in it, and its bundle.
func objects(order Order, pair pki.PEM) (*corev1.Secret, []runtime.Object) {
	meta := order.Secret
	meta.Spec = specOf(order.Means)
	return secrets.New(meta, pair, order.Immutable), order.Bundle.For(pair.Cert)
}

// objects are those of the result, the Secret with all formats of the pair. Those that the store holds already, in
// existing, stay as they are where they fit; existing may be nil.
func (r *Result) objects(existing *corev1.Secret) (*corev1.Secret, []runtime.Object, error) {
	secret, others := objects(r.Order, r.PEM)
	return secret, others, r.Order.Formats.AddTo(secret, existing)
}

// Secret is that of the result, as a store is to hold it in the place of existing, which may be nil.
func (r *Result) Secret(existing *corev1.Secret) (*corev1.Secret, error) {
	secret, _, err := r.objects(existing)
	return secret, err
}
