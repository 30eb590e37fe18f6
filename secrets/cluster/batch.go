package cluster

import (
	"context"
	"errors"
	"fmt"

	corev1 "k8s.io/api/core/v1"
)

const (
	// listFrom is the number of Secrets in one namespace from which on a list is cheaper than reading
	// each: a list also returns what nobody asked for.
	listFrom = 10

	// strangers is how many Secrets that nobody asked for a list may bring for each that somebody did. Where a namespace has more,
	// reading one by one is cheaper: in pages, 10,000 certificates in one namespace, which come 512 at a time, would be listed
	// twenty times.
	strangers = 4
)

var errStrangers = errors.New("too many Secrets that nobody asked for")

// SecretName names a Secret in the cluster.
type SecretName struct{ Namespace, Name string }

// LoadSecrets calls each for every name with what reads its Secret, nil where there is none: one call at a time, those
// first that a list has, the others in the order of names. Where one namespace has many of the names, and not many more Secrets, these
// are listed, page by page, and what is called is at hand already; else reading asks the server. An error of each, or of listing, ends it.
func (c *Cluster) LoadSecrets(ctx context.Context, names []SecretName, each func(SecretName, func() (*corev1.Secret, error)) error) error {
	byNamespace := map[string]map[string]bool{}
	for _, n := range names {
		if byNamespace[n.Namespace] == nil {
			byNamespace[n.Namespace] = map[string]bool{}
		}
		byNamespace[n.Namespace][n.Name] = true
	}
	listed := map[string]bool{}
	for namespace, missing := range byNamespace {
		if len(missing) < listFrom {
			continue
		}
		asked, others := len(missing), 0
		err := c.list(ctx, Query{}, namespace, func(page []corev1.Secret) error {
			for i := range page {
				live := &page[i]
				if !missing[live.Name] {
					others++
					continue
				}
				delete(missing, live.Name)
				if err := each(SecretName{namespace, live.Name}, func() (*corev1.Secret, error) { return live, nil }); err != nil {
					return err
				}
			}
			if others > strangers*asked && len(missing) > 0 {
				return errStrangers
			}
			return nil
		})
		if err != nil && !errors.Is(err, errStrangers) {
			return err
		}
		listed[namespace] = err == nil
	}
	for _, n := range names {
		if !byNamespace[n.Namespace][n.Name] {
			continue
		}
		read := func() (*corev1.Secret, error) { return c.GetSecret(ctx, n.Namespace, n.Name) }
		if listed[n.Namespace] {
			read = func() (*corev1.Secret, error) { return nil, nil }
		}
		if err := each(n, read); err != nil {
			return err
		}
	}
	return nil
}

// EachTLSSecret calls each with every Secret of the type kubernetes.io/tls in a namespace, or with "" in all of them, in the
// order of namespaces and names; selector is one of labels, "" for any. No more than a page is held. An error of each ends it.
func (c *Cluster) EachTLSSecret(ctx context.Context, namespace, selector string, each func(*corev1.Secret) error) error {
	return c.list(ctx, Query{Labels: selector, Fields: "type=" + string(corev1.SecretTypeTLS)}, namespace, func(page []corev1.Secret) error {
		for i := range page {
			if err := each(&page[i]); err != nil {
				return err
			}
		}
		return nil
	})
}

// list reads the Secrets of a namespace, or with "" of all, that q selects. An error of each ends it.
func (c *Cluster) list(ctx context.Context, q Query, namespace string, each func([]corev1.Secret) error) error {
	q.Of = Reference{Kind: "Secret", Namespace: namespace, Group: "v1"}
	if err := Pages(ctx, c, q, Secrets(), each); err != nil {
		return fmt.Errorf("list the Secrets%s: %w", in(namespace), err)
	}
	return nil
}

// in words a namespace, "" for all.
func in(namespace string) string {
	if namespace == "" {
		return " in all namespaces"
	}
	return " in namespace " + namespace
}
