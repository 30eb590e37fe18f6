package render

import (
	"bytes"
	"encoding/json"
	"reflect"
)

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
