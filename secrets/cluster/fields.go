package cluster

import (
	"encoding/json"
	"maps"
	"reflect"
	"slices"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// unchanged reports whether applying desired to live would change nothing: every field in it has that
// value already, and certgen is recorded as the manager of these fields and of no others. Both are
// decoded JSON; managers is what live's metadata.managedFields says.
func unchanged(desired, live map[string]any, managers []metav1.ManagedFieldsEntry) bool {
	desired = applied(desired)
	if !contains(live, desired) {
		return false
	}
	for _, entry := range managers {
		if byCertgen(entry) {
			var owned map[string]any
			return entry.FieldsV1 != nil && json.Unmarshal(entry.FieldsV1.Raw, &owned) == nil &&
				covers(owned, desired) && within(owned, desired)
		}
	}
	return false
}

// applied is desired without what identifies an object, which nobody owns.
func applied(desired map[string]any) map[string]any {
	out := maps.Clone(desired)
	delete(out, "apiVersion")
	delete(out, "kind")
	if m, ok := out["metadata"].(map[string]any); ok {
		m = maps.Clone(m)
		delete(m, "name")
		delete(m, "namespace")
		delete(m, "resourceVersion")
		if out["metadata"] = m; len(m) == 0 {
			delete(out, "metadata")
		}
	}
	return out
}

// contains reports whether live has every field of want with its value. In a list of objects live may
// hold more than want, in any order: others add containers and ports of their own.
func contains(live, want any) bool {
	switch want := want.(type) {
	case map[string]any:
		have, ok := live.(map[string]any)
		if !ok {
			return false
		}
		for key, value := range want {
			if present, ok := have[key]; !ok || !contains(present, value) {
				return false
			}
		}
		return true
	case []any:
		have, ok := live.([]any)
		if !ok {
			return false
		}
		if len(want) == 0 || !isObject(want[0]) {
			return reflect.DeepEqual(have, want)
		}
		for _, element := range want {
			if !slices.ContainsFunc(have, func(present any) bool { return contains(present, element) }) {
				return false
			}
		}
		return true
	default:
		return number(live) == number(want)
	}
}

func isObject(value any) bool {
	_, ok := value.(map[string]any)
	return ok
}

// number makes the two types that JSON decoders choose for numbers comparable.
func number(value any) any {
	if n, ok := value.(int64); ok {
		return float64(n)
	}
	return value
}

// The next two compare a set of fields, in the form of managedFields
// (https://pkg.go.dev/k8s.io/apimachinery/pkg/apis/meta/v1#FieldsV1), with a value. A set without members
// stands for the field with all that is in it.

// covers reports whether every field of value is in the set.
func covers(set map[string]any, value any) bool {
	if len(set) == 0 {
		return true
	}
	switch value := value.(type) {
	case map[string]any:
		for key, child := range value {
			if below, ok := set["f:"+key].(map[string]any); !ok || !covers(below, child) {
				return false
			}
		}
	case []any:
		for _, element := range value {
			if !coversElement(set, element) {
				return false
			}
		}
	}
	return true
}

// coversElement reports whether a list's element with every field of it is in the set.
func coversElement(set map[string]any, element any) bool {
	for key, below := range set {
		if members, ok := below.(map[string]any); ok && selects(key, element) {
			return covers(members, element)
		}
	}
	return false
}

// within reports whether every field of the set is in value.
func within(set map[string]any, value any) bool {
	for key, below := range set {
		if key == "." {
			continue
		}
		child, ok := member(key, value)
		if !ok {
			return false
		}
		if members, ok := below.(map[string]any); ok && !within(members, child) {
			return false
		}
	}
	return true
}

// member finds what a key of a set stands for in value.
func member(key string, value any) (any, bool) {
	switch value := value.(type) {
	case map[string]any:
		name, ok := strings.CutPrefix(key, "f:")
		child, present := value[name]
		return child, ok && present
	case []any:
		i := slices.IndexFunc(value, func(element any) bool { return selects(key, element) })
		if i < 0 {
			return nil, false
		}
		return value[i], true
	}
	return nil, false
}

// selects reports whether a key of a set stands for a list's element: "k:" with the element's key
// fields, or "v:" with its value.
func selects(key string, element any) bool {
	var want any
	if len(key) < 2 || json.Unmarshal([]byte(key[2:]), &want) != nil {
		return false
	}
	switch key[:2] {
	case "k:":
		return isObject(want) && contains(element, want)
	case "v:":
		return reflect.DeepEqual(number(element), want)
	}
	return false
}
