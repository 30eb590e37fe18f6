package cluster

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"

	"certgen/render"
	"certgen/secrets"
)

// DryRuns are all there are.
func DryRuns() []DryRun { return []DryRun{DryRunNone, DryRunClient, DryRunServer} }

// DryRun says whether an apply writes.
type DryRun string

// An apply writes, only says what it would do, or has the server try it without keeping anything.
const (
	DryRunNone   DryRun = "none"
	DryRunClient DryRun = "client"
	DryRunServer DryRun = "server"
)

// ApplyOptions say how objects are written.
type ApplyOptions struct {
	DryRun DryRun
	Adopt  bool // take over objects that certgen did not make
	Force  bool // take fields from other managers

	// Recreate deletes an object, and creates it anew, where what is wanted changes a field that the API server
	// lets nobody change: a workload's selector, a Service without a cluster IP, a Secret's type, what is immutable.
	Recreate bool

	// KeepReplicas leaves the number of pods of a Deployment that exists as it is.
	KeepReplicas bool

	// Forget leaves [Applied.Object] nil for what is written: decoding the answers takes time.
	Forget bool
}

// Action is what an apply did to an object, in kubectl's words.
type Action string

// The actions.
const (
	Created    Action = "created"
	Configured Action = "configured"
	Unchanged  Action = "unchanged"
	Restarted  Action = "restarted"
	Recreated  Action = "recreated"
)

// Applied is an object after an apply: its name as kubectl writes it, what was done, the object as it was
// before, nil where there was none, and as the server has it now, or would have it after a dry run.
type Applied struct {
	Ref            string
	Action         Action
	Before, Object *unstructured.Unstructured
}

// Refusal is an object that was not written, for a reason that the user can do something about.
type Refusal struct {
	Ref, Reason, Hint string

	Missing *Reference // the object that does not exist, where that is the reason

	held bool // the object is being deleted, and stays: trying again at once would only wait again
}

func (r *Refusal) Error() string { return r.Ref + ": " + r.Reason }

// Hints are what can be done about all refusals in err, each said once.
func Hints(err error) (hints []string) {
	if several, ok := err.(interface{ Unwrap() []error }); ok {
		for _, one := range several.Unwrap() {
			for _, hint := range Hints(one) {
				if !slices.Contains(hints, hint) {
					hints = append(hints, hint)
				}
			}
		}
		return hints
	}
	if refusal, ok := err.(*Refusal); ok {
		return []string{refusal.Hint}
	}
	if inner := errors.Unwrap(err); inner != nil {
		return Hints(inner)
	}
	return nil
}

// change is one object on its way into the cluster.
type change struct {
	ref  Reference
	body []byte // the object as it is sent
	live *unstructured.Unstructured

	unchangeable []string // what of this stands in the way, which check finds
}

// newChange prepares obj to replace live, nil where there is none. The write of a Secret fails if the
// Secret has changed since: it carries the version that was read, or "1", which no object has, where none
// was.
func newChange(obj runtime.Object, live *unstructured.Unstructured, o ApplyOptions) (*change, error) {
	if secret, ok := obj.(*corev1.Secret); ok {
		versioned := *secret
		if versioned.ResourceVersion = "1"; live != nil {
			versioned.ResourceVersion = live.GetResourceVersion()
		}
		// Nothing has to be left out of a Secret, and render takes seven times as long.
		body, err := json.Marshal(versioned)
		return &change{ref: referTo(obj), body: body, live: live}, err
	}
	if deployment, ok := obj.(*appsv1.Deployment); ok && live != nil && o.KeepReplicas {
		kept := deployment.DeepCopy()
		kept.Spec.Replicas = keptReplicas(live, o)
		obj = kept
	}
	body, err := render.Encode(render.JSON, obj)
	return &change{ref: referTo(obj), body: body, live: live}, err
}

// desired is the object as it is sent, decoded.
func (w *change) desired() map[string]any {
	var desired map[string]any
	// The body was encoded here, so it can be decoded.
	_ = json.Unmarshal(w.body, &desired)
	return desired
}

// check finds what the server would refuse and what certgen must not touch, before anything is written.
func (w *change) check(o ApplyOptions) error {
	if w.live == nil {
		return nil
	}
	var reasons, ways []string
	if !managed(w.live) && !o.Adopt {
		reasons = append(reasons, fmt.Sprintf("was not made by certgen (it lacks the label %s=%s)%s", secrets.ManagedByLabel, secrets.ManagedBy, writers(w.live)))
		ways = append(ways, "--adopt takes it over and replaces what differs; certgen diff --adopt shows what that is")
	}
	w.unchangeable = w.findUnchangeable()
	if len(w.unchangeable) > 0 && !o.Recreate {
		reasons = append(reasons, w.unchangeable...)
		ways = append(ways, w.ref.wayOut())
	}
	if len(reasons) == 0 {
		return nil
	}
	return &Refusal{Ref: w.ref.String(), Reason: strings.Join(reasons, ", and it "), Hint: strings.Join(ways, "; ")}
}

func (w *change) unchanged() bool {
	return w.live != nil && unchanged(w.desired(), w.live.Object, w.live.GetManagedFields())
}

func managed(obj metav1.Object) bool {
	return obj.GetLabels()[secrets.ManagedByLabel] == secrets.ManagedBy
}

// writers names the managers that own fields of an object, for people.
func writers(obj *unstructured.Unstructured) string {
	var names []string
	for _, entry := range obj.GetManagedFields() {
		if entry.Subresource == "" && !slices.Contains(names, entry.Manager) {
			names = append(names, entry.Manager)
		}
	}
	if len(names) == 0 {
		return ""
	}
	return ", but by " + strings.Join(names, " and ")
}

// apply writes one object, unless that would change nothing.
func (c *Cluster) apply(ctx context.Context, w *change, o ApplyOptions) (Applied, error) {
	done := Applied{Ref: w.ref.String(), Action: Configured, Before: w.live, Object: w.live}
	if w.unchanged() && !(o.Adopt && lastApplied(w.live)) {
		done.Action = Unchanged
		return done, nil
	}
	if len(w.unchangeable) > 0 { // which check lets pass with o.Recreate alone
		return c.recreate(ctx, w, o)
	}
	if w.live == nil {
		done.Action = Created
	}
	if o.DryRun == DryRunClient {
		done.Object = &unstructured.Unstructured{Object: w.desired()}
		done.Object.SetResourceVersion("") // the guard of a write that does not come
		return done, nil
	}
	adopting := w.live != nil && adopts(w.live, o)
	if adopting && o.DryRun == DryRunServer && w.ref.Kind != "Secret" {
		var err error
		if done.Object, err = c.preview(ctx, w); err != nil {
			return Applied{}, fmt.Errorf("take over %s: %w", w.ref, err)
		}
		return done, nil
	}
	if adopting && o.DryRun != DryRunServer {
		if err := c.adopt(ctx, w); err != nil {
			return Applied{}, fmt.Errorf("take over %s: %w", w.ref, err)
		}
	}
	// The server would parse the body a second time to look for keys that stand twice in it. Fields that it
	// does not know it refuses in any case.
	params := map[string]string{"fieldManager": FieldManager, "fieldValidation": metav1.FieldValidationIgnore}
	if o.Force || adopting {
		params["force"] = "true"
	}
	if o.DryRun == DryRunServer {
		params["dryRun"] = "All"
	}
	answer, created, err := c.send(ctx, w.ref, types.ApplyPatchType, w.body, params)
	if ownConflict(err) {
		params["force"] = "true"
		answer, created, err = c.send(ctx, w.ref, types.ApplyPatchType, w.body, params)
	}
	if err != nil {
		if fieldConflict(err) {
			return Applied{}, &Refusal{Ref: w.ref.String(), Reason: err.Error(), Hint: conflictHint(err, w.live)}
		}
		return Applied{}, fmt.Errorf("apply %s: %w", w.ref, err)
	}
	if created {
		done.Action = Created
	}
	if done.Object = nil; !o.Forget {
		done.Object, err = decode(answer)
	}
	return done, err
}

// Objects applies objects that belong together, in the given order. All are read and checked before the
// first is written; the errors of the checks come together, and so do all rights that the user lacks.
func (c *Cluster) Objects(ctx context.Context, objs []runtime.Object, o ApplyOptions) ([]Applied, error) {
	done, err := c.objects(ctx, objs, o)
	return done, c.DeniedToApply(ctx, err, objs, o)
}

// DeniedToApply is [Cluster.Denied] with what it takes to bring objs about.
func (c *Cluster) DeniedToApply(ctx context.Context, err error, objs []runtime.Object, o ApplyOptions) error {
	var refs []Reference
	for _, obj := range objs {
		refs = append(refs, referTo(obj))
	}
	return c.Denied(ctx, err, rightsToApply(refs, o))
}

func (c *Cluster) objects(ctx context.Context, objs []runtime.Object, o ApplyOptions) (done []Applied, err error) {
	writes, err := c.prepare(ctx, objs, o)
	if err != nil {
		return nil, err
	}
	for i, w := range writes {
		applied, err := c.apply(ctx, w, o)
		for round := 1; overtaken(err) && round < maxRounds; round++ {
			if w, err = c.prepareOne(ctx, objs[i], o); err == nil {
				applied, err = c.apply(ctx, w, o)
			}
		}
		if err != nil {
			return done, err
		}
		done = append(done, applied)
	}
	return done, nil
}

// Check tells whether [Cluster.Objects] would refuse, without writing.
func (c *Cluster) Check(ctx context.Context, objs []runtime.Object, o ApplyOptions) error {
	_, err := c.prepare(ctx, objs, o)
	return c.DeniedToApply(ctx, err, objs, o)
}

func (c *Cluster) prepare(ctx context.Context, objs []runtime.Object, o ApplyOptions) ([]*change, error) {
	var writes []*change
	var refused []error
	for _, obj := range objs {
		w, err := c.prepareOne(ctx, obj, o)
		var refusal *Refusal
		if err != nil && !errors.As(err, &refusal) {
			return nil, err
		}
		refused = append(refused, err)
		writes = append(writes, w)
	}
	return writes, errors.Join(refused...)
}

// prepareOne reads what obj is to replace and checks that it may.
func (c *Cluster) prepareOne(ctx context.Context, obj runtime.Object, o ApplyOptions) (*change, error) {
	live, err := c.Get(ctx, referTo(obj))
	if err != nil {
		return nil, err
	}
	w, err := newChange(obj, live, o)
	if err != nil {
		return nil, err
	}
	return w, w.check(o)
}

// maxRounds is how often an object is read and written anew because another writer was faster. Each round somebody
// else has succeeded, so more than a few mean a writer that never stops.
const maxRounds = 5
