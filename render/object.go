package render

import (
	"bytes"
	"errors"
	"fmt"

	"gopkg.in/yaml.v3"
)

const (
	// maxSeparators bounds the memory that yaml.v3 takes for a document: every value that it keeps, in about 170 bytes, has one of
	// the characters in separators. 10,000 Secrets in one List, each with 100 lines of metadata, have half of it.
	maxSeparators = 4 << 20
	separators    = ",[{:\n-"

	// maxLists bounds how deep Lists may lie in each other. kubectl writes one, tools that merge its output two.
	maxLists = 8
)

// Object is one object of a manifest, read without a schema: what has another type than it should is not there.
type Object struct {
	APIVersion, Kind string

	node   *yaml.Node
	budget *budget
}

// budget is how much of a document may be looked at, in bytes and values: aliases may make it more than the document's own size, but
// not by much ("billion laughs").
type budget int

func (b *budget) spend(n *yaml.Node) bool {
	*b -= budget(1 + len(n.Value))
	return *b >= 0
}

// Objects reads the objects in a document leniently, and takes the items out of Lists, also of those in Lists. The error says where
// the document is not YAML, or what bound it breaks, and never repeats it.
func (d Document) Objects() ([]Object, error) {
	n := 0
	for _, c := range []byte(separators) {
		n += bytes.Count(d.Text, []byte{c})
	}
	if n > maxSeparators {
		return nil, fmt.Errorf("document %d: holds too many values: over the limit of %d characters of %q", d.Number, maxSeparators, separators)
	}
	var doc yaml.Node
	if err := yaml.Unmarshal(d.Text, &doc); err != nil {
		return nil, fmt.Errorf("document %d, from line %d on: %s", d.Number, d.Line, syntaxProblem(err))
	}
	if len(doc.Content) == 0 {
		return nil, nil
	}
	left := budget(4*len(d.Text) + sniffed)
	objects, err := appendObjects(nil, doc.Content[0], "", 0, &left)
	if err != nil {
		return nil, fmt.Errorf("document %d, from line %d on: %w", d.Number, d.Line, err)
	}
	return objects, nil
}

var errAliases = errors.New("its aliases repeat more than four times what it holds")

// appendObjects adds the object in n. The items of a SecretList name no kind of their own: it is itemKind.
func appendObjects(to []Object, n *yaml.Node, itemKind string, depth int, left *budget) ([]Object, error) {
	o := Object{node: follow(n), budget: left}
	o.APIVersion, o.Kind = o.Text("apiVersion"), o.Text("kind")
	if o.Kind == "" && itemKind != "" {
		o.APIVersion, o.Kind = "v1", itemKind
	}
	switch {
	case *left < 0:
		return nil, errAliases
	case o.Kind == "":
		return to, nil
	case o.Kind != "List" && o.Kind != "SecretList":
		return append(to, o), nil
	case depth == maxLists:
		return nil, fmt.Errorf("Lists lie in each other deeper than %d levels", maxLists)
	}
	if o.Kind == "SecretList" {
		itemKind = "Secret"
	}
	items := o.at("items")
	if items == nil || items.Kind != yaml.SequenceNode {
		return to, nil
	}
	var err error
	for _, item := range items.Content {
		if to, err = appendObjects(to, item, itemKind, depth+1, left); err != nil {
			return nil, err
		}
	}
	return to, nil
}

// Text returns the scalar at a path of keys, "" where there is none.
func (o Object) Text(path ...string) string {
	if n := o.at(path...); n != nil && n.Kind == yaml.ScalarNode && !isNull(n) && o.budget.spend(n) {
		return n.Value
	}
	return ""
}

// Texts returns the scalars of the mapping at a path of keys, nil where there is none. Null is "".
func (o Object) Texts(path ...string) map[string]string {
	n := o.at(path...)
	if n == nil || n.Kind != yaml.MappingNode {
		return nil
	}
	texts := make(map[string]string, len(n.Content)/2)
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := follow(n.Content[i]), follow(n.Content[i+1])
		if !o.budget.spend(key) || !o.budget.spend(value) {
			return nil
		}
		switch {
		case key.Kind != yaml.ScalarNode || value.Kind != yaml.ScalarNode:
		case isNull(value):
			texts[key.Value] = ""
		default:
			texts[key.Value] = value.Value
		}
	}
	return texts
}

// at goes down a path of keys, nil where it does not lead anywhere. The last of equal keys counts, as in JSON.
func (o Object) at(path ...string) *yaml.Node {
	n := o.node
	for _, step := range path {
		if n.Kind != yaml.MappingNode {
			return nil
		}
		var next *yaml.Node
		for i := 0; i+1 < len(n.Content); i += 2 {
			if !o.budget.spend(n.Content[i]) {
				return nil
			}
			if follow(n.Content[i]).Value == step {
				next = n.Content[i+1]
			}
		}
		if next == nil {
			return nil
		}
		n = follow(next)
	}
	return n
}

// follow returns what an alias stands for. yaml.v3 knows no alias of an alias.
func follow(n *yaml.Node) *yaml.Node {
	if n.Kind == yaml.AliasNode {
		return n.Alias
	}
	return n
}
