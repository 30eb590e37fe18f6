package cluster

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strconv"
	"sync"

	"golang.org/x/sync/errgroup"
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
)

// Secrets brings about many wants, at most parallel of them at the same time. done is called for each as
// it is settled, one call at a time. The first error ends the rest; running it again goes on where it
// ended, because what is settled is then unchanged. The objects of those that were written are not kept.
func (c *Cluster) Secrets(ctx context.Context, wants []Want, parallel int, o ApplyOptions, done func(Want, Applied)) error {
	o.forget = true
	group, ctx := errgroup.WithContext(ctx)
	type job struct {
		Want
		read func() (*corev1.Secret, error)
	}
	jobs := make(chan job)
	var calls sync.Mutex
	// Each worker settles many, because the stack of a new goroutine would have to grow for each of them.
	for range min(parallel, len(wants)) {
		group.Go(func() error {
			for job := range jobs {
				live, err := job.read()
				if err != nil {
					return err
				}
				applied, err := c.settle(ctx, job.Want, live, o)
				if err != nil {
					return err
				}
				calls.Lock()
				done(job.Want, applied)
				calls.Unlock()
			}
			return nil
		})
	}
	settle := func(w Want, read func() (*corev1.Secret, error)) {
		select {
		case jobs <- job{w, read}:
		case <-ctx.Done():
		}
	}
	byNamespace := map[string]map[string]Want{}
	for _, w := range wants {
		if byNamespace[w.Meta.Namespace] == nil {
			byNamespace[w.Meta.Namespace] = map[string]Want{}
		}
		byNamespace[w.Meta.Namespace][w.Meta.Name] = w
	}
	for namespace, missing := range byNamespace {
		if len(missing) < listFrom {
			for _, w := range missing {
				settle(w, func() (*corev1.Secret, error) { return c.getSecret(ctx, w) })
			}
			continue
		}
		err := c.list(ctx, namespace, func(page *corev1.SecretList) {
			for i := range page.Items {
				live := &page.Items[i]
				if w, ok := missing[live.Name]; ok {
					delete(missing, live.Name)
					settle(w, func() (*corev1.Secret, error) { return live, nil })
				}
			}
		})
		if err != nil {
			close(jobs)
			_ = group.Wait() // err came first, or is the same
			return err
		}
		for _, w := range missing {
			settle(w, func() (*corev1.Secret, error) { return nil, nil })
		}
	}
	close(jobs)
	return group.Wait()
}

// list reads all Secrets of a namespace page by page, the next while one is being settled.
func (c *Cluster) list(ctx context.Context, namespace string, each func(*corev1.SecretList)) error {
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
		each(page)
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
