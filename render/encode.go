package render

import (
	"fmt"

	"k8s.io/apimachinery/pkg/runtime"
)

// Format names a way to write objects; its values are those of kubectl's -o.
type Format string

const (
	YAML Format = "yaml" // one document an object, each begun by "---"
	JSON Format = "json" // the object, or a v1 List unless there is exactly one
)

// Encode returns objs in format f, each ending in a newline. Left out is what nobody set and what is the cluster's to write:
// empty optional fields, nulls, and status. It fails on an object without apiVersion and kind, on text that is not UTF-8,
// and on an unknown format.
func Encode(f Format, objs ...runtime.Object) ([]byte, error) {
	structs := make([]any, len(objs))
	for i, obj := range objs {
		structs[i] = obj
	}
	return EncodeStructs(f, structs...)
}

// EncodeStructs is [Encode] for objects of kinds that are no typed ones of Kubernetes: pointers to structs with json tags.
func EncodeStructs(f Format, objs ...any) ([]byte, error) {
	trees := make([]node, len(objs))
	for i, obj := range objs {
		tree, err := treeOf(obj)
		if err != nil {
			return nil, err
		}
		trees[i] = tree
	}
	switch f {
	case YAML:
		return documents(trees)
	case JSON:
		return list(trees)
	}
	return nil, fmt.Errorf("format %q: is not one of %s, %s", f, YAML, JSON)
}
