package render

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"iter"
	"reflect"
	"strings"

	"gopkg.in/yaml.v3"
)

// Object is one object of a manifest, or a whole List, as it stands there.
type Object struct {
	Document
	APIVersion, Kind string // "" where the object does not say
	Name, Namespace  string

	node *yaml.Node
}

// Objects reads a manifest document by document, as [Documents] does, but leaves Lists whole: what is passed on stays as it is.
func Objects(r io.Reader) iter.Seq2[Document, error] { return documentsIn(r, false) }

// Object parses a document. The error says where it is not YAML, and never repeats it.
func (d Document) Object() (Object, error) {
	if err := boundValues(d.Text); err != nil {
		return Object{}, d.problem(err)
	}
	if tree := plainTree(d.Text); tree != nil && value(tree, "items") == nil { // a List's items are to keep their comments
		return d.objectIn(tree), nil
	}
	dec := yaml.NewDecoder(bytes.NewReader(d.Text))
	for {
		var doc yaml.Node
		if err := dec.Decode(&doc); errors.Is(err, io.EOF) {
			return Object{Document: d}, nil
		} else if err != nil {
			return Object{}, d.problem(d.syntaxProblem(err))
		}
		if len(doc.Content) > 0 && !isNull(doc.Content[0]) {
			if err := boundAliases(d.Text, doc.Content[0]); err != nil {
				return Object{}, d.problem(err)
			}
			return d.objectIn(doc.Content[0]), nil
		}
	}
}

// Empty reports whether the document holds nothing.
func (o Object) Empty() bool { return o.node == nil }

func (d Document) objectIn(n *yaml.Node) Object {
	o := Object{Document: d, APIVersion: entry(n, "apiVersion"), Kind: entry(n, "kind"), node: n}
	if meta := value(n, "metadata"); meta != nil {
		o.Name, o.Namespace = entry(meta, "name"), entry(meta, "namespace")
	}
	return o
}

// value is what is behind a key of a mapping, nil where there is nothing.
func value(n *yaml.Node, key string) *yaml.Node {
	for i := 0; i+1 < len(n.Content) && n.Kind == yaml.MappingNode; i += 2 {
		if n.Content[i].Value == key {
			if n.Content[i+1].Kind == yaml.AliasNode {
				return n.Content[i+1].Alias
			}
			return n.Content[i+1]
		}
	}
	return nil
}

// Items are the objects of a List, which is whatever has "items"; nil for another object. Those that do not name their kind have the
// one that the List's implies, as the API server writes them.
func (o Object) Items() []Object {
	if o.node == nil || !strings.HasSuffix(o.Kind, "List") {
		return nil
	}
	var items []Object
	list := value(o.node, "items")
	for i := 0; list != nil && i < len(list.Content); i++ {
		item := list.Content[i]
		if item.Kind == yaml.AliasNode {
			item = item.Alias
		}
		found := o.objectIn(item)
		found.Path = fmt.Sprintf("items[%d]", i)
		if kind := itemKind(o.Kind); found.Kind == "" {
			found.Kind, found.APIVersion = kind, o.APIVersion
		}
		items = append(items, found)
	}
	return items
}

// Read fills a struct by its json tags, as strictly as [Decode]. The error is [Problems]: all that is wrong at once, with lines of the
// manifest; or says what bound the object breaks.
func (o Object) Read(into any) error {
	r := reader{document: o.Number, all: true}
	if o.Path != "" {
		r.path = []step{{key: o.Path, plain: true}}
	}
	if o.node == nil {
		return nil
	}
	err := r.value(o.node, reflect.ValueOf(into).Elem(), 0)
	var p Problem
	if errors.As(err, &p) {
		r.found = append(r.found, p)
	}
	for i := range r.found {
		r.found[i].Line = o.line(r.found[i].Line)
	}
	if len(r.found) > 0 {
		return r.found
	}
	return err
}

// Encode returns the object as a YAML document of its own.
func (o Object) Encode() ([]byte, error) {
	var out bytes.Buffer
	enc := yaml.NewEncoder(&out)
	enc.SetIndent(2)
	quoteBlocks(o.node)
	if err := enc.Encode(o.node); err != nil {
		return nil, fmt.Errorf("encode %s %s: %w", o.Kind, o.Name, err)
	}
	return out.Bytes(), nil
}

// Place finds the line and column of a field, given by the keys that lead to it, or of the object's start where it is not there.
func (o Object) Place(keys ...string) (line, column int) {
	n := o.node
	if n == nil { // an empty document
		return o.Line, 1
	}
	for _, key := range keys {
		next := value(n, key)
		if next == nil {
			break
		}
		n = next
	}
	return o.line(n.Line), n.Column
}

// Field is the object that is behind a key; false where there is none.
func (o Object) Field(key string) (Object, bool) {
	if o.node == nil {
		return Object{}, false
	}
	n := value(o.node, key)
	if n == nil || isNull(n) {
		return Object{}, false
	}
	found := o.objectIn(n)
	found.Path = key
	return found, true
}

// quoteBlocks has texts that begin with an empty line or a blank be written in quotes: as a block, yaml.v3 loses one of the lines.
func quoteBlocks(n *yaml.Node) {
	if n == nil {
		return
	}
	if n.Kind == yaml.ScalarNode && n.Style&(yaml.LiteralStyle|yaml.FoldedStyle) != 0 && n.Value != "" && strings.ContainsRune(" \t\n", rune(n.Value[0])) {
		n.Style = yaml.DoubleQuotedStyle
	}
	for _, child := range n.Content {
		quoteBlocks(child)
	}
}

const (
	// maxGrowth bounds what aliases may make of a document ("billion laughs"), in times its size.
	maxGrowth = 8

	// maxFollowed bounds how deep values lie in each other where aliases are followed, of which one may lead to what it stands
	// in: yaml.v3's own bound without them.
	maxFollowed = 10_000
)

// growth is what a document may hold with its aliases followed, in bytes of keys and values, and one for each.
func growth(text []byte) int { return maxGrowth*len(text) + sniffed }

// boundAliases refuses a document whose aliases make too much of it.
func boundAliases(text []byte, n *yaml.Node) error {
	if bytes.IndexByte(text, '&') < 0 || bytes.IndexByte(text, '*') < 0 {
		return nil
	}
	if left := follow(n, growth(text), 0); left < 0 {
		return errGrowth
	}
	return nil
}

var errGrowth = fmt.Errorf("its aliases make more than %d times of what it holds", maxGrowth)

// follow returns what is left of a budget for a value.
func follow(n *yaml.Node, budget, depth int) int {
	if n.Kind == yaml.AliasNode {
		n = n.Alias
	}
	if budget -= 1 + len(n.Value); depth > maxFollowed {
		return -1
	}
	for _, child := range n.Content {
		if budget < 0 {
			break
		}
		budget = follow(child, budget, depth+1)
	}
	return budget
}
