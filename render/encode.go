package render

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"

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

// list writes one object as it is and several as a v1 List, indented by four as kubectl does.
func list(trees []node) ([]byte, error) {
	top := node{kind: mapping}
	if len(trees) == 1 {
		top = trees[0]
	} else {
		top.add("apiVersion", node{kind: text, value: "v1"})
		top.add("kind", node{kind: text, value: "List"})
		top.add("items", node{kind: sequence, items: trees})
	}
	var out bytes.Buffer
	if err := json.Indent(&out, appendJSON(nil, top), "", "    "); err != nil {
		return nil, err
	}
	out.WriteByte('\n')
	return out.Bytes(), nil
}

func appendJSON(dst []byte, n node) []byte {
	switch n.kind {
	case null:
		return append(dst, "null"...)
	case literal:
		return append(dst, n.value...)
	case text:
		return appendQuoted(dst, n.value)
	}
	brackets := "[]"
	if n.kind == mapping {
		brackets = "{}"
	}
	dst = append(dst, brackets[0])
	for i, item := range n.items {
		if i > 0 {
			dst = append(dst, ',')
		}
		if n.kind == mapping {
			dst = append(appendQuoted(dst, n.keys[i]), ':')
		}
		dst = appendJSON(dst, item)
	}
	return append(dst, brackets[1])
}

// Report writes any value that encoding/json takes as a JSON document, with the names of its json tags.
func Report(value any) ([]byte, error) {
	tree, err := build(reflect.ValueOf(value))
	if err != nil {
		return nil, err
	}
	return list([]node{tree})
}
