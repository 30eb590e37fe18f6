package render

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"strings"

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

// EncodedSecret is a Secret as it was written: base64 is still text, so that damage to it can be told.
type EncodedSecret struct {
	Name, Namespace, Type string
	Labels, Annotations   map[string]string
	Data, StringData      map[string]string
}

// Secrets reads the Secrets in a document leniently: whatever does not have the type that it should counts as absent, and what else is
// there is passed over. It takes the items out of Lists, also of those in Lists. In others is how many objects of other kinds there are.
// The error says where the document is not YAML, has a key twice, or breaks a bound, and never repeats it.
func (d Document) Secrets() (found []EncodedSecret, others int, err error) {
	r := secretReader{budget: growth(d.Text)}
	if err := r.read(d); err != nil {
		return nil, 0, d.problem(err)
	}
	return r.found, r.others, nil
}

// secretReader picks Secrets out of yaml.v3's nodes.
type secretReader struct {
	found  []EncodedSecret
	others int
	budget int // what may still be looked at, in bytes of keys and values, and one for each
}

func (r *secretReader) read(d Document) error {
	if err := boundValues(d.Text); err != nil {
		return err
	}
	// Empty documents may stand before the one that holds something. Nothing follows that one, or it is damaged.
	dec := yaml.NewDecoder(bytes.NewReader(d.Text))
	empty := true
	for {
		var doc yaml.Node
		if err := dec.Decode(&doc); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			return d.syntaxProblem(err)
		}
		if len(doc.Content) == 0 || isNull(doc.Content[0]) {
			continue
		}
		empty = false
		if err := cmp.Or(d.repeatedKey(doc.Content[0]), r.object(doc.Content[0], d.kind, d.depth())); err != nil {
			return err
		}
	}
	if empty && d.Path != "" {
		return r.object(&yaml.Node{Kind: yaml.ScalarNode, Tag: "!!null"}, d.kind, d.depth())
	}
	if r.budget < 0 {
		return errGrowth
	}
	return nil
}

// boundValues refuses a document that yaml.v3 would take too much memory for.
func boundValues(text []byte) error {
	n := 0
	for i := range len(separators) {
		n += bytes.Count(text, []byte{separators[i]})
	}
	if n > maxSeparators {
		return fmt.Errorf("holds too many values: %d of the characters %q, at most %d are read", n, separators, maxSeparators)
	}
	return nil
}

// enter follows an alias, and pays for what it leads to. yaml.v3 knows no alias of an alias.
func (r *secretReader) enter(n *yaml.Node) *yaml.Node {
	if n.Kind == yaml.AliasNode {
		n = n.Alias
	}
	r.budget -= 1 + len(n.Value)
	return n
}

// object reads one object, and each item of a List: that is, as to kubectl, whatever has items. kind is that of an object which does
// not name its own, as those in a SecretList, which the API server writes.
func (r *secretReader) object(n *yaml.Node, kind string, depth int) error {
	n = r.enter(n)
	if own := r.text(n, "kind"); own != "" {
		kind = own
	}
	items := r.at(n, "items")
	isList := items != nil && items.Kind == yaml.SequenceNode
	if isList {
		if err := r.items(items, itemKind(kind), depth); err != nil {
			return err
		}
	}
	switch {
	case kind == "Secret":
		r.secret(n)
	case kind == "List", kind == "SecretList", isList && strings.HasSuffix(kind, "List"):
	default:
		r.others++
	}
	return nil
}

func (r *secretReader) items(items *yaml.Node, kind string, depth int) error {
	if depth == maxLists {
		return fmt.Errorf("Lists lie in each other deeper than %d levels", maxLists)
	}
	for _, item := range items.Content {
		if r.budget < 0 {
			break
		}
		if err := r.object(item, kind, depth+1); err != nil {
			return err
		}
	}
	return nil
}

func (r *secretReader) secret(n *yaml.Node) {
	s := EncodedSecret{Type: r.text(n, "type"), Data: r.texts(n, "data"), StringData: r.texts(n, "stringData")}
	if meta := r.at(n, "metadata"); meta != nil {
		s.Name, s.Namespace = r.text(meta, "name"), r.text(meta, "namespace")
		s.Labels, s.Annotations = r.texts(meta, "labels"), r.texts(meta, "annotations")
	}
	r.found = append(r.found, s)
}

// text returns the scalar behind a key, "" where there is none.
func (r *secretReader) text(n *yaml.Node, key string) string {
	if value := r.at(n, key); value != nil && value.Kind == yaml.ScalarNode && !isNull(value) {
		return value.Value
	}
	return ""
}

// texts returns the scalars of the mapping behind a key, nil where there is none. Null is "".
func (r *secretReader) texts(n *yaml.Node, key string) map[string]string {
	n = r.at(n, key)
	if n == nil || n.Kind != yaml.MappingNode || r.budget < 0 {
		return nil
	}
	texts := make(map[string]string, len(n.Content)/2)
	for i := 0; i+1 < len(n.Content); i += 2 {
		name, value := r.enter(n.Content[i]), r.enter(n.Content[i+1])
		switch {
		case name.Kind != yaml.ScalarNode || value.Kind != yaml.ScalarNode:
		case isNull(value):
			texts[name.Value] = ""
		default:
			texts[name.Value] = value.Value
		}
	}
	return texts
}

// at returns what is behind a key, nil where there is no such.
func (r *secretReader) at(n *yaml.Node, key string) *yaml.Node {
	if n.Kind != yaml.MappingNode {
		return nil
	}
	var found *yaml.Node
	for i := 0; i+1 < len(n.Content); i += 2 {
		if r.enter(n.Content[i]).Value == key {
			found = n.Content[i+1]
		}
	}
	if found == nil {
		return nil
	}
	return r.enter(found)
}
