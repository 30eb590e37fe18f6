package secrets

import (
	"context"
	"encoding/json"
	"maps"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/sets"
	"k8s.io/client-go/util/csaupgrade"
)

// foreignManager is who keeps the fields of an adopted Secret that are not certgen's: kubectl's own name
// for server-side apply, because it was kubectl that wrote them.
const foreignManager = "kubectl"

// adopt makes certgen the manager of what kubectl wrote without server-side apply. A server-side apply
// alone would leave the old fields in place: the old container would run beside the new one, and a port
// without a name beside one with a name makes a Service invalid.
//
// What certgen then does not send is removed by the apply that follows. Of a Secret that is nothing:
// labels, annotations and data that others put there stay theirs. But kubectl's annotation with the last
// applied configuration goes, because it repeats the private key in clear base64.
func (c *Cluster) adopt(ctx context.Context, w *change) error {
	patch, err := csaupgrade.UpgradeManagedFieldsPatch(w.live, kubectlManagers(w.live), FieldManager)
	if err != nil {
		return err
	}
	var steps []map[string]any
	if patch != nil {
		if err := json.Unmarshal(patch, &steps); err != nil {
			return err
		}
	}
	if _, ok := w.live.GetAnnotations()[corev1.LastAppliedConfigAnnotation]; ok {
		key := strings.ReplaceAll(corev1.LastAppliedConfigAnnotation, "/", "~1") // RFC 6901
		steps = append(steps, map[string]any{"op": "remove", "path": "/metadata/annotations/" + key})
	}
	if len(steps) == 0 {
		return nil
	}
	if patch == nil { // csaupgrade adds the version, so that a change in between is noticed
		steps = append(steps, map[string]any{"op": "replace", "path": "/metadata/resourceVersion", "value": w.live.GetResourceVersion()})
	}
	body, err := json.Marshal(steps)
	if err != nil {
		return err
	}
	live, _, err := c.patch(ctx, w.ref, types.JSONPatchType, body, nil)
	if err != nil {
		return err
	}
	if w.ref.kind == "Secret" {
		if live, err = c.leaveForeign(ctx, w, live); err != nil {
			return err
		}
	}
	return w.rebase(live)
}

// kubectlManagers are the managers that wrote an object in the ways that come before server-side apply:
// kubectl apply, create, expose, edit, label and so on.
func kubectlManagers(live *unstructured.Unstructured) sets.Set[string] {
	managers := sets.New[string]()
	for _, entry := range live.GetManagedFields() {
		if strings.HasPrefix(entry.Manager, "kubectl") && entry.Operation == "Update" && entry.Subresource == "" {
			managers.Insert(entry.Manager)
		}
	}
	return managers
}

// leaveForeign gives the labels, annotations and data of a Secret that certgen does not set to
// foreignManager, so that they outlive the apply.
func (c *Cluster) leaveForeign(ctx context.Context, w *change, live *unstructured.Unstructured) (*unstructured.Unstructured, error) {
	wanted := &unstructured.Unstructured{Object: w.desired()}
	metadata := map[string]any{}
	for field, keys := range map[string][2]map[string]string{
		"labels":      {live.GetLabels(), wanted.GetLabels()},
		"annotations": {live.GetAnnotations(), wanted.GetAnnotations()},
	} {
		if foreign := without(keys[0], keys[1]); len(foreign) > 0 {
			metadata[field] = foreign
		}
	}
	have, _, _ := unstructured.NestedStringMap(live.Object, "data")
	ours, _, _ := unstructured.NestedStringMap(wanted.Object, "data")
	data := without(have, ours)
	delete(data, caKey)
	if len(metadata) == 0 && len(data) == 0 {
		return live, nil
	}
	metadata["name"], metadata["namespace"], metadata["resourceVersion"] = w.ref.name, w.ref.namespace, live.GetResourceVersion()
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

// rebase makes w replace live, which came after the one that it was made for.
func (w *change) rebase(live *unstructured.Unstructured) error {
	w.live = live
	if w.ref.kind != "Secret" {
		return nil
	}
	desired := w.desired()
	if err := unstructured.SetNestedField(desired, live.GetResourceVersion(), "metadata", "resourceVersion"); err != nil {
		return err
	}
	body, err := json.Marshal(desired)
	w.body = body
	return err
}
