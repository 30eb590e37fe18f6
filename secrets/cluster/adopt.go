package cluster

import (
	"context"
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"strings"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/sets"
	"k8s.io/client-go/util/csaupgrade"

	"certgen/secrets"
)

// foreignManager is who keeps the fields of an adopted Secret that are not certgen's: kubectl's own name
// for server-side apply, because it was kubectl that wrote them.
const foreignManager = "kubectl"

// adopts reports whether an apply takes live over: somebody else made it, or kubectl wrote to it after
// certgen had, or in certgen's place, as kubectl apply does with what certgen create rendered.
func adopts(live metav1.Object, o ApplyOptions) bool {
	return o.Adopt && (!managed(live) || len(kubectlManagers(live)) > 0 || lastApplied(live))
}

// lastApplied reports whether kubectl apply left its copy of the whole object in it.
func lastApplied(live metav1.Object) bool {
	_, ok := live.GetAnnotations()[corev1.LastAppliedConfigAnnotation]
	return ok
}

// conflictHint says what to do about a conflict over fields of live, which is nil where the object came
// after it was looked for.
func conflictHint(err error, live *unstructured.Unstructured) string {
	const force = "--force-conflicts takes these fields from their manager"
	if live == nil {
		return force
	}
	for _, message := range conflicts(err) {
		for manager := range kubectlManagers(live) {
			if strings.HasPrefix(message, "conflict with "+strconv.Quote(manager)+" using ") {
				return "--adopt takes over all that kubectl set, and certgen diff --adopt shows what that changes; " + force
			}
		}
	}
	return force
}

// adopt makes certgen the manager of what kubectl wrote without server-side apply. A server-side apply
// alone would leave the old fields in place: the old container would run beside the new one, and a port
// without a name beside one with a name makes a Service invalid.
//
// What certgen then does not send is removed by the apply that follows. Of a Secret that is nothing:
// labels, annotations and data that others put there stay theirs. But kubectl's annotation with the last
// applied configuration goes, because it repeats the private key in clear base64.
func (c *Cluster) adopt(ctx context.Context, w *change) error {
	managers := kubectlManagers(w.live)
	if len(managers) == 0 && !lastApplied(w.live) {
		return nil
	}
	live := w.live
	if w.ref.Kind == "Secret" { // first of all, so that nothing of others is lost when the rest is not reached
		var err error
		if live, err = c.leaveForeign(ctx, w); err != nil {
			return err
		}
	}
	upgraded := live.DeepCopy()
	if err := csaupgrade.UpgradeManagedFields(upgraded, managers, FieldManager); err != nil {
		return err
	}
	live, err := c.amend(ctx, w.ref, map[string]any{
		"resourceVersion": live.GetResourceVersion(), // a change in between is noticed
		"managedFields":   upgraded.GetManagedFields(),
		"annotations":     map[string]any{corev1.LastAppliedConfigAnnotation: nil},
	})
	if err != nil {
		return err
	}
	return w.rebase(live)
}

// amend changes metadata by a merge patch, which comes to the same when it is sent twice.
func (c *Cluster) amend(ctx context.Context, ref Reference, metadata map[string]any) (*unstructured.Unstructured, error) {
	body, err := json.Marshal(map[string]any{"metadata": metadata})
	if err != nil {
		return nil, err
	}
	live, _, err := c.patch(ctx, ref, types.MergePatchType, body, map[string]string{"fieldManager": FieldManager})
	return live, err
}

// kubectlManagers are the managers that wrote an object in the ways that come before server-side apply:
// kubectl apply, create, expose, edit, label and so on.
func kubectlManagers(live metav1.Object) sets.Set[string] {
	managers := sets.New[string]()
	for _, entry := range live.GetManagedFields() {
		if byKubectl(entry) {
			managers.Insert(entry.Manager)
		}
	}
	return managers
}

func byKubectl(entry metav1.ManagedFieldsEntry) bool {
	return strings.HasPrefix(entry.Manager, "kubectl") && entry.Operation == metav1.ManagedFieldsOperationUpdate && entry.Subresource == ""
}

// byCertgen tells certgen's applies from its patches, which are another manager to the server.
func byCertgen(entry metav1.ManagedFieldsEntry) bool {
	return entry.Manager == FieldManager && entry.Operation == metav1.ManagedFieldsOperationApply && entry.Subresource == ""
}

// preview has the server try what adopt and the apply after it come to. It does so in one request, a
// strategic merge patch, because after a dry run there is nothing that a second one could build on.
func (c *Cluster) preview(ctx context.Context, w *change) (*unstructured.Unstructured, error) {
	patch := w.desired()
	for _, entry := range w.live.GetManagedFields() {
		var owned map[string]any
		if (byKubectl(entry) || byCertgen(entry)) && entry.FieldsV1 != nil && json.Unmarshal(entry.FieldsV1.Raw, &owned) == nil {
			drop(owned, w.live.Object, patch)
		}
	}
	body, err := json.Marshal(patch)
	if err != nil {
		return nil, err
	}
	obj, _, err := c.patch(ctx, w.ref, types.StrategicMergePatchType, body, map[string]string{"fieldManager": FieldManager, "dryRun": "All"})
	return obj, err
}

// drop adds to a strategic merge patch the removal of what is in the set of fields and in live, and not in
// the patch: https://kubernetes.io/docs/tasks/manage-kubernetes-objects/update-api-object-kubectl-patch/
func drop(set, live, patch map[string]any) {
	for key, below := range set {
		name, _ := strings.CutPrefix(key, "f:")
		members, _ := below.(map[string]any)
		switch present := live[name].(type) {
		case nil: // "." or gone
		case map[string]any:
			wanted, ok := patch[name].(map[string]any)
			switch {
			case len(members) > 0 && !ok:
				wanted = map[string]any{}
				patch[name] = wanted
				fallthrough
			case len(members) > 0:
				drop(members, present, wanted)
			case !ok:
				patch[name] = nil
			default: // the map is one field, which is replaced as a whole
				for inner := range present {
					if _, ok := wanted[inner]; !ok {
						wanted[inner] = nil
					}
				}
			}
		case []any:
			if wanted, ok := patch[name].([]any); ok || len(members) > 0 {
				patch[name] = dropElements(members, present, wanted)
			} else {
				patch[name] = nil
			}
		default:
			if _, ok := patch[name]; !ok {
				patch[name] = nil
			}
		}
	}
}

// dropElements is drop for a list of objects that have keys.
func dropElements(set map[string]any, live, patch []any) []any {
	for key, below := range set {
		var element map[string]any
		if fields, ok := strings.CutPrefix(key, "k:"); !ok || json.Unmarshal([]byte(fields), &element) != nil {
			continue
		}
		at := slices.IndexFunc(patch, func(wanted any) bool { return selects(key, wanted) })
		if at < 0 {
			element["$patch"] = "delete"
			patch = append(patch, element)
			continue
		}
		members, _ := below.(map[string]any)
		wanted, _ := patch[at].(map[string]any)
		if present, ok := member(key, live); ok && wanted != nil {
			inner, _ := present.(map[string]any)
			drop(members, inner, wanted)
		}
	}
	return patch
}

// leaveForeign gives the labels, annotations and data of a Secret that certgen does not set to
// foreignManager, so that they outlive the apply.
func (c *Cluster) leaveForeign(ctx context.Context, w *change) (*unstructured.Unstructured, error) {
	live := w.live
	wanted := &unstructured.Unstructured{Object: w.desired()}
	metadata := map[string]any{}
	for field, keys := range map[string][2]map[string]string{
		"labels":      {live.GetLabels(), wanted.GetLabels()},
		"annotations": {live.GetAnnotations(), wanted.GetAnnotations()},
	} {
		foreign := without(keys[0], keys[1])
		if delete(foreign, corev1.LastAppliedConfigAnnotation); len(foreign) > 0 {
			metadata[field] = foreign
		}
	}
	have, _, _ := unstructured.NestedStringMap(live.Object, "data")
	ours, _, _ := unstructured.NestedStringMap(wanted.Object, "data")
	data := without(have, ours)
	delete(data, secrets.CAKey)
	if len(metadata) == 0 && len(data) == 0 {
		return live, nil
	}
	metadata["name"], metadata["namespace"], metadata["resourceVersion"] = w.ref.Name, w.ref.Namespace, live.GetResourceVersion()
	body, err := json.Marshal(map[string]any{"apiVersion": "v1", "kind": "Secret", "metadata": metadata, "data": data})
	if err != nil {
		return nil, err
	}
	live, _, err = c.patch(ctx, w.ref, types.ApplyPatchType, body, map[string]string{"fieldManager": foreignManager, "force": "true"})
	return live, err
}

// without returns the entries of all whose keys are not in some.
func without(all, some map[string]string) map[string]string {
	rest := maps.Clone(all)
	for key := range some {
		delete(rest, key)
	}
	return rest
}

// rebase makes w replace live, as it was answered just now: another version is refused. Without that the server
// tries the apply on what it remembers, which may be the object before, and warns of what never comes to be.
func (w *change) rebase(live *unstructured.Unstructured) error {
	desired := w.desired()
	if err := unstructured.SetNestedField(desired, live.GetResourceVersion(), "metadata", "resourceVersion"); err != nil {
		return err
	}
	body, err := json.Marshal(desired)
	w.live, w.body = live, body
	return err
}
