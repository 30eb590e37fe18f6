package cluster

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/rest"
)

// Lease is a coordination.k8s.io/v1 Lease that one run holds at a time:
// https://kubernetes.io/docs/concepts/architecture/leases/
type Lease struct {
	Namespace, Name string
	Holder          string        // who asks for it
	Duration        time.Duration // after which it is free though its holder has not given it back; in whole seconds
}

// LeaseHeld is a Lease that another run holds.
type LeaseHeld struct {
	Lease, Holder string
	For           time.Duration // at most, unless the holder renews it
}

func (e *LeaseHeld) Error() string {
	return fmt.Sprintf("%s is held by %s, for up to %s more", e.Lease, e.Holder, e.For)
}

// leaseObject is what of a Lease counts here.
type leaseObject struct {
	APIVersion string            `json:"apiVersion"`
	Kind       string            `json:"kind"`
	Metadata   metav1.ObjectMeta `json:"metadata"`
	Spec       struct {
		HolderIdentity       string           `json:"holderIdentity,omitempty"`
		LeaseDurationSeconds int              `json:"leaseDurationSeconds,omitempty"`
		AcquireTime          metav1.MicroTime `json:"acquireTime"`
		RenewTime            metav1.MicroTime `json:"renewTime"`
	} `json:"spec"`
}

// written is when the server last took a change of the Lease, by its own clock: clocks of machines differ, and a fast one
// would take the Lease from a slow one that holds it.
func (l leaseObject) written() time.Time {
	var last time.Time
	for _, entry := range l.Metadata.ManagedFields {
		if entry.Time != nil && entry.Time.After(last) {
			last = entry.Time.Time
		}
	}
	return last
}

func (l Lease) reference() Reference {
	return Reference{Kind: "Lease", Namespace: l.Namespace, Name: l.Name, Group: "coordination.k8s.io/v1"}
}

// WithLease calls do while it holds the Lease, and gives it back. Where another holds it the error is a [LeaseHeld]. When it is lost
// on the way, because the server could not be reached for too long, the context of do ends.
func (c *Cluster) WithLease(ctx context.Context, l Lease, do func(context.Context) error) error {
	held, err := c.acquire(ctx, l)
	if err != nil {
		return c.Denied(ctx, err, l.rights())
	}
	lost := fmt.Errorf("%s was lost: the server took no renewal of it for %s", l.reference(), l.Duration)
	inner, cancel := context.WithCancelCause(ctx)
	done := make(chan struct{})
	go func() {
		defer close(done)
		good := time.Now()
		for {
			select {
			case <-inner.Done():
				return
			case <-time.After(l.Duration / 3):
			}
			sent := time.Now()
			attempt, stop := context.WithDeadline(inner, good.Add(l.Duration*2/3)) // for another may take it soon
			next, err := c.keep(attempt, l, held)
			stop()
			switch {
			case err == nil:
				held, good = next, sent
			case inner.Err() != nil:
				return
			case apierrors.IsConflict(err) || apierrors.IsNotFound(err) || time.Since(good) >= l.Duration*2/3:
				cancel(lost)
				return
			}
		}
	}()
	err = do(inner)
	gone := context.Cause(inner)
	cancel(nil)
	<-done
	if errors.Is(gone, lost) {
		return lost
	}
	release, stop := context.WithTimeout(context.WithoutCancel(ctx), requestTimeout)
	defer stop()
	_, _ = c.write(release, l, held, "", false) // else it ends by itself
	return err
}

// keep holds the Lease for another while.
func (c *Cluster) keep(ctx context.Context, l Lease, held leaseObject) (leaseObject, error) {
	next, err := c.write(ctx, l, held, l.Holder, false)
	if !apierrors.IsConflict(err) {
		return next, err
	}
	live, failed := c.readLease(ctx, l)
	if failed != nil || live.Spec.HolderIdentity != l.Holder {
		return leaseObject{}, err
	}
	return c.write(ctx, l, live, l.Holder, false) // only the answer to a write of our own was lost
}

// readLease reads the Lease.
func (c *Cluster) readLease(ctx context.Context, l Lease) (live leaseObject, err error) {
	data, _, err := c.do(ctx, func() *rest.Request { return c.Client.Get().AbsPath(l.reference().path()) })
	if err != nil {
		return leaseObject{}, fmt.Errorf("read %s: %w", l.reference(), err)
	}
	if err := json.Unmarshal(data, &live); err != nil {
		return leaseObject{}, fmt.Errorf("read the server's answer: %w", err)
	}
	return live, nil
}

// acquire takes the Lease where it is free.
func (c *Cluster) acquire(ctx context.Context, l Lease) (leaseObject, error) {
	live, err := c.readLease(ctx, l)
	if apierrors.IsNotFound(err) {
		return c.write(ctx, l, leaseObject{}, l.Holder, false)
	}
	if err != nil {
		return leaseObject{}, err
	}
	faster := &LeaseHeld{Lease: l.reference().String(), Holder: "another run, which was faster", For: l.Duration}
	if live.Spec.HolderIdentity != "" && live.Spec.HolderIdentity != l.Holder {
		tried, err := c.write(ctx, l, live, l.Holder, true) // which says what time it is at the server
		if apierrors.IsConflict(err) {
			return leaseObject{}, faster
		}
		if err != nil {
			return leaseObject{}, err
		}
		end := live.written().Add(time.Duration(live.Spec.LeaseDurationSeconds) * time.Second)
		if left := end.Sub(tried.written()); left >= 0 {
			return leaseObject{}, &LeaseHeld{Lease: l.reference().String(), Holder: live.Spec.HolderIdentity, For: left}
		}
	}
	taken, err := c.write(ctx, l, live, l.Holder, false)
	if apierrors.IsConflict(err) {
		return leaseObject{}, faster
	}
	return taken, err
}

// write makes the Lease have a holder, "" for none, in place of live; try has the server keep nothing.
func (c *Cluster) write(ctx context.Context, l Lease, live leaseObject, holder string, try bool) (written leaseObject, err error) {
	now := metav1.NowMicro()
	next := leaseObject{APIVersion: "coordination.k8s.io/v1", Kind: "Lease"}
	next.Metadata = metav1.ObjectMeta{Namespace: l.Namespace, Name: l.Name, ResourceVersion: live.Metadata.ResourceVersion, Labels: live.Metadata.Labels, Annotations: live.Metadata.Annotations}
	next.Spec.HolderIdentity, next.Spec.LeaseDurationSeconds = holder, int(l.Duration/time.Second)
	next.Spec.AcquireTime, next.Spec.RenewTime = live.Spec.AcquireTime, now
	if live.Spec.HolderIdentity != holder || live.Spec.AcquireTime.IsZero() {
		next.Spec.AcquireTime = now
	}
	body, err := json.Marshal(next)
	if err != nil {
		return leaseObject{}, err
	}
	data, _, err := c.do(ctx, func() *rest.Request {
		request := c.Client.Put().AbsPath(l.reference().path())
		if live.Metadata.ResourceVersion == "" {
			all := l.reference()
			all.Name = ""
			request = c.Client.Post().AbsPath(all.path())
		}
		if try {
			request = request.Param("dryRun", "All")
		}
		return request.Param("fieldManager", FieldManager).Body(body)
	})
	if apierrors.IsAlreadyExists(err) {
		return leaseObject{}, &LeaseHeld{Lease: l.reference().String(), Holder: "another run, which was faster", For: l.Duration}
	}
	if err != nil {
		return leaseObject{}, fmt.Errorf("write %s: %w", l.reference(), err)
	}
	err = json.Unmarshal(data, &written)
	return written, err
}

// rights are what it takes to hold the Lease.
func (l Lease) rights() (rights []Right) {
	for _, verb := range []string{"get", "create", "update"} {
		rights = append(rights, Right{Verb: verb, On: l.reference()})
	}
	return rights
}
