package cluster

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/rest"
)

const (
	// goneWithin is how long a deleted object may stay: one without finalizers is gone when the server answers,
	// and controllers mostly remove theirs within seconds.
	goneWithin = 30 * time.Second
	goneEvery  = 200 * time.Millisecond
)

// findUnchangeable says what w would change that the API server lets nobody change:
// https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#label-selector-updates,
// https://kubernetes.io/docs/concepts/configuration/secret/#secret-immutable.
func (w *change) findUnchangeable() (reasons []string) {
	live, desired := w.live.Object, w.desired()
	reason := func(format string, args ...any) { reasons = append(reasons, fmt.Sprintf(format, args...)) }
	switch w.ref.Kind {
	case "Secret":
		if have, want := live["type"], desired["type"]; have != want {
			reason("has the type %v, and the type of a Secret cannot be changed to %v", have, want)
		}
		if desired["data"] == nil { // only looked at before its pair is known
			return reasons
		}
		fallthrough
	case "ConfigMap":
		if immutable, _, _ := unstructured.NestedBool(live, "immutable"); immutable && !w.unchanged() {
			reason("is immutable, and what is wanted differs from it")
		}
	case "Service":
		ip, _, _ := unstructured.NestedString(live, "spec", "clusterIP")
		kind, _, _ := unstructured.NestedString(desired, "spec", "type")
		if ip == corev1.ClusterIPNone && kind != string(corev1.ServiceTypeClusterIP) {
			reason("is headless, which cannot be changed, and the type %s needs a cluster IP", kind)
		}
	default:
		have, _, _ := unstructured.NestedMap(live, "spec", "selector")
		want, _, _ := unstructured.NestedMap(desired, "spec", "selector")
		if slices.Contains(WorkloadKinds, w.ref.Kind) && !reflect.DeepEqual(have, want) {
			reason("has the selector %s, and the selector of a %s cannot be changed to %s", selectorText(have), w.ref.Kind, selectorText(want))
		}
	}
	return reasons
}

// selectorText is a label selector as kubectl get --selector takes it.
func selectorText(selector map[string]any) string {
	var s metav1.LabelSelector
	if data, err := json.Marshal(selector); err != nil || json.Unmarshal(data, &s) != nil {
		return fmt.Sprint(selector)
	}
	return metav1.FormatLabelSelector(&s)
}

// interruption says what it means to those who use an object that it is deleted and created anew.
func (r Reference) interruption() string {
	switch r.Kind {
	case "Secret", "ConfigMap":
		return "what others put into it is lost, and pods that start in between wait for it"
	case "Service":
		return "nobody reaches it in between, and its cluster IP and node ports change"
	}
	return "its pods go with it, and nobody is served until the new ones are ready"
}

// wayOut says what can be done where something is unchangeable.
func (r Reference) wayOut() string {
	recreate := "--recreate deletes it and creates it anew: " + r.interruption()
	if r.Kind == "Secret" {
		return "choose another NAME and let the pods use that; or " + recreate
	}
	return "choose another name with --service; or " + recreate
}

// recreate deletes the live object and creates what is wanted in its place. Whether the server takes that is
// tried before, under another name, so that nothing is deleted for which nothing can come.
//
// What a workload owns goes in the background: new pods need not wait until the old ones have ended.
func (c *Cluster) recreate(ctx context.Context, w *change, o ApplyOptions) (Applied, error) {
	done := Applied{Ref: w.ref.String(), Action: Recreated, Before: w.live}
	c.warn(fmt.Sprintf("%s is deleted and created anew, because it %s: %s", w.ref, strings.Join(w.unchangeable, " and "), w.ref.interruption()))
	desired, err := w.anew(o)
	if err != nil {
		return Applied{}, err
	}
	done.Object = &unstructured.Unstructured{Object: desired}
	if o.DryRun == DryRunClient {
		done.Object.SetResourceVersion("") // the guard of a write that does not come
		return done, nil
	}
	tried, err := c.try(ctx, w.ref, done.Object)
	if err != nil {
		return Applied{}, fmt.Errorf("recreate %s: %w", w.ref, err)
	}
	if o.DryRun == DryRunServer {
		done.Object = tried
		return done, nil
	}
	ctx = context.WithoutCancel(ctx) // between the two there is nothing that serves, and a new key is in memory alone
	if err := c.remove(ctx, w); err != nil {
		return Applied{}, err
	}
	body, err := json.Marshal(desired)
	if err == nil {
		done.Object, _, err = c.patch(ctx, w.ref, types.ApplyPatchType, body, map[string]string{"fieldManager": FieldManager})
	}
	if err != nil {
		return Applied{}, fmt.Errorf("%s is deleted and not created anew yet; run the same command again to go on: %w", w.ref, err)
	}
	return done, nil
}

// anew is the object as it is sent where there is none: one that comes in between is not overwritten.
func (w *change) anew(o ApplyOptions) (map[string]any, error) {
	desired := w.desired()
	if n, found, _ := unstructured.NestedInt64(w.live.Object, "spec", "replicas"); found && o.KeepReplicas {
		if err := unstructured.SetNestedField(desired, n, "spec", "replicas"); err != nil {
			return nil, err
		}
	}
	return desired, unstructured.SetNestedField(desired, "1", "metadata", "resourceVersion")
}

// try has the server create the object under another name without keeping it. A quota that is used up says
// nothing: the object that goes makes room.
func (c *Cluster) try(ctx context.Context, ref Reference, wanted *unstructured.Unstructured) (*unstructured.Unstructured, error) {
	trial := wanted.DeepCopy()
	trial.SetResourceVersion("")
	trial.SetName(fmt.Sprintf("certgen-try-%08x", rand.Uint32()))
	body, err := json.Marshal(trial)
	if err != nil {
		return nil, err
	}
	at := ref
	at.Name = trial.GetName()
	tried, _, err := c.patch(ctx, at, types.ApplyPatchType, body, map[string]string{"fieldManager": FieldManager, "dryRun": "All"})
	switch {
	case apierrors.IsForbidden(err) && strings.Contains(err.Error(), "exceeded quota"):
		tried = trial
	case err != nil:
		return nil, err
	}
	tried.SetName(ref.Name)
	return tried, nil
}

// remove deletes the live object, if it is still as it was read, and waits until it is gone.
func (c *Cluster) remove(ctx context.Context, w *change) error {
	options, err := json.Marshal(metav1.DeleteOptions{
		TypeMeta:          metav1.TypeMeta{APIVersion: "v1", Kind: "DeleteOptions"},
		Preconditions:     &metav1.Preconditions{UID: new(w.live.GetUID()), ResourceVersion: new(w.live.GetResourceVersion())},
		PropagationPolicy: new(metav1.DeletePropagationBackground),
	})
	if err != nil {
		return err
	}
	_, _, err = c.do(ctx, func() *rest.Request {
		return c.Client.Delete().AbsPath(w.ref.path()).SetHeader("Content-Type", "application/json").Body(options)
	})
	if err != nil && !apierrors.IsNotFound(err) {
		return fmt.Errorf("delete %s: %w", w.ref, err)
	}
	for end := time.Now().Add(goneWithin); ; {
		live, err := c.Get(ctx, w.ref)
		switch {
		case err != nil:
			return fmt.Errorf("%s is being deleted; run the same command again to go on: %w", w.ref, err)
		case live == nil || live.GetUID() != w.live.GetUID(): // one that came since stops the creation
			return nil
		case time.Now().After(end):
			return &Refusal{Ref: w.ref.String(), held: true,
				Reason: fmt.Sprintf("is being deleted, and still there after %s: its finalizers (%s) hold it", goneWithin, strings.Join(live.GetFinalizers(), ", ")),
				Hint:   "see to it that what set the finalizers removes them, and run the same command again"}
		}
		select {
		case <-time.After(goneEvery):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}
