package cluster

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"fmt"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"

	"certgen/certs/pki"
	"certgen/secrets"
)

// Overtaken is the failure to write a Secret because another writer was faster: what was read of it is no longer what
// the cluster holds.
type Overtaken struct{ Err error }

func (e *Overtaken) Error() string { return e.Err.Error() }
func (e *Overtaken) Unwrap() error { return e.Err }

// GetSecret reads a Secret; nil where there is none.
func (c *Cluster) GetSecret(ctx context.Context, namespace, name string) (*corev1.Secret, error) {
	return ReadObject[corev1.Secret](ctx, c, secretReference(namespace, name))
}

func secretReference(namespace, name string) Reference {
	return Reference{Kind: "Secret", Namespace: namespace, Name: name, Group: "v1"}
}

// Pair reads the pair in a Secret. There being no such Secret is a [Refusal].
func (c *Cluster) Pair(ctx context.Context, namespace, name string) (pki.PEM, error) {
	secret, err := c.GetSecret(ctx, namespace, name)
	if err != nil {
		return pki.PEM{}, err
	}
	if secret == nil {
		return pki.PEM{}, MissingSecret(namespace, name, "NAMESPACE/NAME names one elsewhere")
	}
	return secrets.PEMOf(secret), nil
}

// Manifest reads a Secret and returns it as it stands in the cluster, in JSON. There being no such Secret is
// a [Refusal].
func (c *Cluster) Manifest(ctx context.Context, namespace, name string) ([]byte, error) {
	live, err := c.Get(ctx, secretReference(namespace, name))
	switch {
	case err != nil:
		return nil, err
	case live == nil:
		return nil, MissingSecret(namespace, name, "-n names another namespace")
	}
	return live.MarshalJSON()
}

// MissingSecret is the [Refusal] to read a Secret that does not exist; elsewhere is a hint where it may be instead.
func MissingSecret(namespace, name, elsewhere string) error {
	return &Refusal{Ref: "secret/" + name, Reason: "does not exist in namespace " + namespace,
		Hint:    "kubectl get secrets -n " + namespace + " shows what is there; " + elsewhere,
		Missing: &Reference{Kind: "Secret", Namespace: namespace, Name: name, Group: "v1"}}
}

// CheckSecret tells whether [Cluster.PutSecret] would refuse to put secret in the place of live whatever its data: the
// error is a [Refusal].
func (c *Cluster) CheckSecret(secret, live *corev1.Secret, o ApplyOptions) error {
	if managed(live) && live.Type == secret.Type {
		return nil
	}
	bare := *secret
	bare.Data = nil
	present, err := untyped(live)
	if err != nil {
		return err
	}
	present.SetManagedFields(live.ManagedFields)
	w, err := newChange(&bare, present, o)
	if err != nil {
		return err
	}
	return w.check(o)
}

// PutSecret writes secret in place of live, which is what was read of it, nil where there was none. With restart, or
// where an earlier run left the restart undone, the Secret says that [Cluster.Restart] is due.
//
// A Secret that has changed since it was read is left as it is: the error is [Overtaken], and who reads it again
// may decide anew.
func (c *Cluster) PutSecret(ctx context.Context, secret, live *corev1.Secret, restart bool, o ApplyOptions) (Applied, error) {
	if restart || live != nil && live.Annotations[restartAnnotation] != "" {
		metav1.SetMetaDataAnnotation(&secret.ObjectMeta, restartAnnotation, restartDue)
	}
	applied, err := c.applySecret(ctx, secret, live, o)
	var refusal *Refusal
	if err == nil || !overtaken(err) && !errors.As(err, &refusal) {
		return applied, err
	}
	now, failed := c.GetSecret(ctx, secret.Namespace, secret.Name)
	switch {
	case failed != nil:
		return Applied{}, failed
	case refusal != nil && (refusal.held || versionOf(now) == versionOf(live)):
		return Applied{}, refusal
	case now != nil && fresh(secret, live) && bytes.Equal(now.Data[corev1.TLSPrivateKeyKey], secret.Data[corev1.TLSPrivateKeyKey]):
		return ownWrite(secret, live, now) // the answer to it was lost, not the write
	}
	return Applied{}, &Overtaken{err}
}

// fresh reports whether secret holds another certificate than live.
func fresh(secret, live *corev1.Secret) bool {
	return live == nil || !bytes.Equal(secret.Data[corev1.TLSCertKey], secrets.PEMOf(live).Cert)
}

// versionOf is the version of a Secret, "" where there is none.
func versionOf(secret *corev1.Secret) string {
	if secret == nil {
		return ""
	}
	return secret.ResourceVersion
}

// ownWrite is what an apply returns that turned before, nil where there was nothing, into live.
func ownWrite(secret, before, live *corev1.Secret) (done Applied, err error) {
	done = Applied{Ref: referTo(secret).String(), Action: Created}
	if before != nil {
		done.Action = Configured
		if done.Before, err = untyped(before); err != nil {
			return Applied{}, err
		}
	}
	done.Object, err = untyped(live)
	return done, err
}

// untyped is a Secret as decoded JSON, but for its managed fields, which are the dearest to convert and
// seldom needed. The converter would write and parse JSON for each value of data.
func untyped(secret *corev1.Secret) (*unstructured.Unstructured, error) {
	bare := *secret
	bare.SetGroupVersionKind(corev1.SchemeGroupVersion.WithKind("Secret")) // the items of a list have none
	bare.ManagedFields, bare.Data = nil, nil
	object, err := runtime.DefaultUnstructuredConverter.ToUnstructured(&bare)
	if err != nil {
		return nil, fmt.Errorf("read secret/%s: %w", secret.Name, err)
	}
	if len(secret.Data) > 0 {
		data := make(map[string]any, len(secret.Data))
		for key, value := range secret.Data {
			data[key] = base64.StdEncoding.EncodeToString(value)
		}
		object["data"] = data
	}
	return &unstructured.Unstructured{Object: object}, nil
}

// applySecret writes a Secret, unless that would change nothing.
func (c *Cluster) applySecret(ctx context.Context, secret, live *corev1.Secret, o ApplyOptions) (Applied, error) {
	var present *unstructured.Unstructured
	if live != nil {
		var err error
		if present, err = untyped(live); err != nil {
			return Applied{}, err
		}
		desired, err := untyped(secret)
		if err != nil {
			return Applied{}, err
		}
		if managed(present) && !(o.Adopt && lastApplied(live)) && unchanged(desired.Object, present.Object, live.ManagedFields) {
			return Applied{Ref: referTo(secret).String(), Action: Unchanged, Before: present, Object: present}, nil
		}
		present.SetManagedFields(live.ManagedFields)
	}
	w, err := newChange(secret, present, o)
	if err != nil {
		return Applied{}, err
	}
	if err := w.check(o); err != nil {
		return Applied{}, err
	}
	return c.apply(ctx, w, o)
}
