package cluster

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strconv"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/rest"
)

const (
	// pageSize is how many Secrets one answer lists: kubectl's chunk size.
	pageSize = 500

	// listFrom is the number of Secrets in one namespace from which on a list is cheaper than reading
	// each: a list also returns what nobody asked for.
	listFrom = 10
)

// SecretName names a Secret in the cluster.
type SecretName struct{ Namespace, Name string }

// LoadSecrets calls each for every name with what reads its Secret, nil where there is none: one call at a time, those
// first that a list has, the others in the order of names. Where one namespace has many of the names its Secrets are listed, page by page, and what is called is at hand
// already; else reading asks the server. An error of each, or of listing, ends it.
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
		listed[namespace] = true
		err := c.list(ctx, namespace, nil, func(page *corev1.SecretList) error {
			for i := range page.Items {
				live := &page.Items[i]
				if !missing[live.Name] {
					continue
				}
				delete(missing, live.Name)
				if err := each(SecretName{namespace, live.Name}, func() (*corev1.Secret, error) { return live, nil }); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
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
	params := map[string]string{"fieldSelector": "type=" + string(corev1.SecretTypeTLS)}
	if selector != "" {
		params["labelSelector"] = selector
	}
	return c.list(ctx, namespace, params, func(page *corev1.SecretList) error {
		for i := range page.Items {
			if err := each(&page.Items[i]); err != nil {
				return err
			}
		}
		return nil
	})
}

// list reads the Secrets of a namespace, or with "" of all, page by page, the next while one is being worked on. An error of
// each ends it.
func (c *Cluster) list(ctx context.Context, namespace string, params map[string]string, each func(*corev1.SecretList) error) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	pages := make(chan *corev1.SecretList)
	var failed error
	go func() {
		defer close(pages)
		for next := ""; ; {
			page, err := c.page(ctx, namespace, params, next)
			if rest := continueFrom(err); rest != "" {
				page, err = c.page(ctx, namespace, params, rest)
			}
			if err != nil {
				failed = fmt.Errorf("list the Secrets%s: %w", in(namespace), err)
				return
			}
			select {
			case pages <- page:
			case <-ctx.Done():
				failed = ctx.Err()
				return
			}
			if next = page.Continue; next == "" {
				return
			}
		}
	}()
	for page := range pages {
		if err := each(page); err != nil {
			return err
		}
	}
	return failed
}

// in words a namespace, "" for all.
func in(namespace string) string {
	if namespace == "" {
		return " in all namespaces"
	}
	return " in namespace " + namespace
}

// continueFrom is where a list goes on of which the server has forgotten the state, as it does after five minutes: what has
// changed since then may be missed or seen in its new state. It is "" for another error.
func continueFrom(err error) string {
	var status apierrors.APIStatus
	if !apierrors.IsResourceExpired(err) || !errors.As(err, &status) {
		return ""
	}
	return status.Status().Continue
}

// page reads one page of the Secrets in a namespace. It asks for protobuf, which takes the server and this
// side a fraction of the time that JSON takes.
func (c *Cluster) page(ctx context.Context, namespace string, params map[string]string, from string) (*corev1.SecretList, error) {
	all := Reference{Kind: "Secret", Namespace: namespace, Group: "v1"}
	data, _, err := c.do(ctx, func() *rest.Request {
		request := c.Client.Get().AbsPath(all.path()).SetHeader("Accept", runtime.ContentTypeProtobuf).
			Param("limit", strconv.Itoa(pageSize)).Param("continue", from)
		for name, value := range params {
			request = request.Param(name, value)
		}
		return request
	})
	if err != nil {
		return nil, err
	}
	page, err := decodePage(data)
	if err != nil {
		return nil, fmt.Errorf("read the server's answer: %w", err)
	}
	return page, nil
}

// protobufPrefix starts every protobuf answer: https://kubernetes.io/docs/reference/using-api/api-concepts/#protobuf-encoding
var protobufPrefix = []byte("k8s\x00")

func decodePage(data []byte) (*corev1.SecretList, error) {
	data, ok := bytes.CutPrefix(data, protobufPrefix)
	if !ok {
		return nil, errors.New("it is not protobuf")
	}
	var envelope runtime.Unknown
	if err := envelope.Unmarshal(data); err != nil {
		return nil, err
	}
	page := &corev1.SecretList{}
	return page, page.Unmarshal(envelope.Raw)
}
