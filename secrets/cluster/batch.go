package cluster

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strconv"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/rest"
)

const (
	// pageSize is how many Secrets one answer lists: kubectl's chunk size.
	pageSize = 500

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
		err := c.list(ctx, namespace, func(page *corev1.SecretList) error {
			for i := range page.Items {
				live := &page.Items[i]
				if !missing[live.Name] {
					others++
					continue
				}
				delete(missing, live.Name)
				if err := each(SecretName{namespace, live.Name}, func() (*corev1.Secret, error) { return live, nil }); err != nil {
					return err
				}
			}
			if others > strangers*asked && page.Continue != "" {
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

// list reads all Secrets of a namespace page by page, the next while one is being worked on. An error of each ends it.
func (c *Cluster) list(ctx context.Context, namespace string, each func(*corev1.SecretList) error) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	pages := make(chan *corev1.SecretList)
	var failed error
	go func() {
		defer close(pages)
		for next := ""; ; {
			page, err := c.page(ctx, namespace, next)
			if err != nil {
				failed = fmt.Errorf("list the Secrets in namespace %s: %w", namespace, err)
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

// page reads one page of the Secrets in a namespace. It asks for protobuf, which takes the server and this
// side a fraction of the time that JSON takes.
func (c *Cluster) page(ctx context.Context, namespace, from string) (*corev1.SecretList, error) {
	all := Reference{Kind: "Secret", Namespace: namespace, Group: "v1"}
	data, _, err := c.do(ctx, func() *rest.Request {
		return c.Client.Get().AbsPath(all.path()).SetHeader("Accept", runtime.ContentTypeProtobuf).
			Param("limit", strconv.Itoa(pageSize)).Param("continue", from)
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
