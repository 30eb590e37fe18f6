package fleet

import (
	"context"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"sync"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/labels"

	"certgen/render/report/inventory"
	"certgen/secrets/cluster"
)

// Selection says which part of a cluster is read.
type Selection struct {
	Namespace string          // "" for all, and for what belongs to none
	Labels    labels.Selector // for what holds certificates
	Filter    Filter
}

// Survey is what there is in a cluster.
type Survey struct {
	Entries []*inventory.Entry // in no order
	Missing []cluster.Right    // which the user lacks: what takes them is not among the entries, or not among their users
}

// notCertificates are the types of Secrets that hold none, or the cluster's own: they are not even sent. Helm's hold
// whole charts, up to a MiB each.
const notCertificates = "type!=helm.sh/release.v1,type!=kubernetes.io/service-account-token,type!=kubernetes.io/dockerconfigjson,type!=bootstrap.kubernetes.io/token"

// atOnce bounds how many kinds beside the Secrets are read at a time.
const atOnce = 3

// reading is one survey on its way.
type reading struct {
	cluster   *cluster.Cluster
	examiner  *Examiner
	selection Selection
	users     users

	mu      sync.Mutex
	entries []*inventory.Entry
	missing []cluster.Right
}

// Read surveys a cluster. That Secrets may not be read is an error, which names the other rights that the user lacks, too; any other
// missing right is in the Survey. A kind that the server does not know has no objects.
func Read(ctx context.Context, c *cluster.Cluster, x *Examiner, s Selection) (Survey, error) {
	r := &reading{cluster: c, examiner: x, selection: s}
	kinds := r.kinds()
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var group sync.WaitGroup
	slots := make(chan struct{}, atOnce)
	for _, k := range kinds {
		group.Go(func() {
			slots <- struct{}{}
			defer func() { <-slots }()
			if err := r.others(ctx, k); err != nil {
				cancel(err)
			}
		})
	}
	err := r.secrets(ctx)
	if err != nil {
		cancel(err)
	}
	group.Wait()
	if failed := context.Cause(ctx); failed != nil {
		var rights []cluster.Right
		for _, k := range kinds {
			rights = append(rights, cluster.Query{Of: k.versions[0]}.Right())
		}
		return Survey{}, c.Denied(context.WithoutCancel(ctx), failed, rights)
	}
	for _, e := range r.entries {
		e.UsedBy = r.users.by(e)
	}
	slices.SortFunc(r.missing, func(a, b cluster.Right) int { return strings.Compare(a.String(), b.String()) })
	return Survey{r.entries, r.missing}, nil
}

// add keeps those entries that are wanted.
func (r *reading) add(entries ...*inventory.Entry) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, e := range entries {
		if r.selection.Filter.Wants(e) {
			r.entries = append(r.entries, e)
		}
	}
}

// secrets reads all Secrets, and examines those of a page beside each other.
func (r *reading) secrets(ctx context.Context) error {
	q := cluster.Query{Of: cluster.Reference{Kind: "Secret", Group: "v1", Namespace: r.selection.Namespace}, Labels: r.selection.Labels.String(), Fields: notCertificates}
	err := cluster.Pages(ctx, r.cluster, q, cluster.Secrets(), func(page []corev1.Secret) error {
		entries := make([][]*inventory.Entry, len(page))
		var group sync.WaitGroup
		workers := runtime.GOMAXPROCS(0)
		for first := range workers {
			group.Go(func() {
				for i := first; i < len(page); i += workers {
					entries[i] = r.examiner.secret(&page[i])
					wipe(&page[i])
				}
			})
		}
		group.Wait()
		r.add(slices.Concat(entries...)...)
		return nil
	})
	if err != nil {
		return fmt.Errorf("list the Secrets: %w", err)
	}
	return nil
}

// others reads one of the other kinds.
func (r *reading) others(ctx context.Context, k kind) error {
	for _, ref := range k.versions {
		err := k.read(ctx, cluster.Query{Of: ref, Labels: k.labels})
		switch {
		case err == nil:
			return nil
		case apierrors.IsNotFound(err):
			continue // the server has another version of it, or none
		case cluster.IsDenied(err):
			r.mu.Lock()
			r.missing = append(r.missing, cluster.Query{Of: ref}.Right())
			r.mu.Unlock()
			return nil
		}
		return fmt.Errorf("list the %ss: %w", ref.Kind, err)
	}
	return nil
}
