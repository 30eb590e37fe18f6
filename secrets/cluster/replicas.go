package cluster

import (
	"encoding/json"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// keptReplicas is what to send as spec.replicas so that the number of pods of live stays. Where certgen is
// the field's only manager that is the present number: leaving the field out would give it up, and the
// server would set its default, 1. Where another manager has it, such as kubectl scale or an autoscaler, the
// field is left out, and theirs.
func keptReplicas(live *unstructured.Unstructured, o ApplyOptions) *int32 {
	adopting, own := adopts(live, o), false
	for _, entry := range live.GetManagedFields() {
		var set struct {
			Spec struct {
				Replicas *struct{} `json:"f:replicas"`
			} `json:"f:spec"`
		}
		switch {
		case entry.FieldsV1 == nil || json.Unmarshal(entry.FieldsV1.Raw, &set) != nil || set.Spec.Replicas == nil:
		case byCertgen(entry) || adopting && byKubectl(entry): // what is adopted becomes certgen's
			own = true
		default:
			return nil
		}
	}
	n, found, _ := unstructured.NestedInt64(live.Object, "spec", "replicas")
	if !own || !found {
		return nil
	}
	return new(int32(n))
}
