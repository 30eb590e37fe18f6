package secrets

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"sync"

	"golang.org/x/sync/errgroup"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
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
// ended, because what is settled is then unchanged.
func (c *Cluster) Secrets(ctx context.Context, wants []Want, parallel int, o ApplyOptions, done func(Want, Applied)) error {
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(parallel)
	var calls sync.Mutex
	settle := func(w Want, read func() (*unstructured.Unstructured, error)) {
		group.Go(func() error {
			live, err := read()
			if err != nil {
				return err
			}
			applied, err := c.settle(ctx, w, live, o)
			if err != nil {
				return err
			}
			calls.Lock()
			defer calls.Unlock()
			done(w, applied)
			return nil
		})
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
				settle(w, func() (*unstructured.Unstructured, error) { return c.get(ctx, w.reference()) })
			}
			continue
		}
		err := c.list(ctx, namespace, func(name string, item []byte) {
			if w, ok := missing[name]; ok {
				delete(missing, name)
				settle(w, func() (*unstructured.Unstructured, error) { return decode(item) })
			}
		})
		if err != nil {
			_ = group.Wait() // err came first, or is the same
			return err
		}
		for _, w := range missing {
			settle(w, func() (*unstructured.Unstructured, error) { return nil, nil })
		}
	}
	return group.Wait()
}

// list reads all Secrets of a namespace page by page and hands each on as the server wrote it.
func (c *Cluster) list(ctx context.Context, namespace string, each func(name string, item []byte)) error {
	all := reference{kind: "Secret", namespace: namespace, group: "v1"}
	for next := ""; ; {
		data, _, err := c.do(ctx, func() *rest.Request {
			return c.client.Get().AbsPath(all.path()).Param("limit", strconv.Itoa(pageSize)).Param("continue", next)
		})
		if err != nil {
			return fmt.Errorf("list the Secrets in namespace %s: %w", namespace, err)
		}
		var page struct {
			Metadata struct{ Continue string }
			Items    []json.RawMessage
		}
		if err := json.Unmarshal(data, &page); err != nil {
			return fmt.Errorf("read the server's answer: %w", err)
		}
		for _, item := range page.Items {
			var head struct{ Metadata struct{ Name string } }
			if err := json.Unmarshal(item, &head); err != nil {
				return fmt.Errorf("read the server's answer: %w", err)
			}
			// The items of a list carry no kind of their own.
			each(head.Metadata.Name, append([]byte(`{"apiVersion":"v1","kind":"Secret",`), item[1:]...))
		}
		if next = page.Metadata.Continue; next == "" {
			return nil
		}
	}
}
