package render

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"
)

var errNotSet = errors.New("cannot be set: it is merged from elsewhere")

// Convert fills a struct by its json tags as encoding/json does: what the struct does not know is passed over.
func (o Object) Convert(into any) error {
	if o.node == nil {
		return nil
	}
	var all any
	if err := o.node.Decode(&all); err != nil {
		return errors.New("is not YAML that JSON can say") // yaml.v3 quotes values
	}
	data, err := json.Marshal(all)
	if err != nil {
		return errors.New("has keys that are no strings")
	}
	return json.Unmarshal(data, into)
}

// With returns the text of the object's document with a string set at a path of keys, where mappings that are missing are made. Lines
// or, in flow style and JSON, an entry are added to the text, or the old string in it is replaced, and all else stays byte for byte. What
// is written so that this cannot be done is encoded anew; what is not the object itself but an item of a List is an error then.
func (o Object) With(value string, path ...string) ([]byte, error) {
	want, err := o.wanted(value, path)
	if err != nil {
		return nil, err
	}
	text := edited(o.Text, o.node, value, path)
	for _, text := range [][]byte{text, o.encodedWith(value, path)} {
		if got, err := o.again(text); err == nil && reflect.DeepEqual(got, want) {
			return text, nil
		}
	}
	return nil, fmt.Errorf("%s %w", strings.Join(path, "."), errNotSet)
}

// wanted is what the whole document is to say.
func (o Object) wanted(value string, path []string) (any, error) {
	whole, err := o.Document.Object()
	if err != nil {
		return nil, err
	}
	var all any
	if err := whole.node.Decode(&all); err != nil {
		return nil, errors.New("is not YAML that can be read")
	}
	at := all
	if o.Path != "" {
		var i int
		if _, err := fmt.Sscanf(o.Path, "items[%d]", &i); err != nil {
			return nil, err
		}
		at = all.(map[string]any)["items"].([]any)[i]
	}
	for i, key := range path {
		m, ok := at.(map[string]any)
		if !ok {
			return nil, fmt.Errorf("%s is not a mapping", strings.Join(path[:i], "."))
		}
		if i == len(path)-1 {
			m[key] = value
		} else if m[key] == nil {
			m[key] = map[string]any{}
		}
		at = m[key]
	}
	return all, nil
}

// again reads a text as the document it is to be.
func (o Object) again(text []byte) (all any, err error) {
	again, err := Document{Text: text}.Object()
	if err != nil || again.node == nil {
		return nil, errNotSet
	}
	return all, again.node.Decode(&all)
}

// encodedWith is the object encoded anew.
func (o Object) encodedWith(value string, path []string) []byte {
	changed := o
	changed.node = copied(o.node)
	n := changed.node
	for i, key := range path {
		next := valueNode(n, key)
		if next == nil || isNull(next) {
			added := &yaml.Node{Kind: yaml.MappingNode}
			if next == nil {
				n.Content = append(n.Content, &yaml.Node{Kind: yaml.ScalarNode, Value: key}, added)
				next = added
			} else {
				*next = *added
			}
		}
		if next.Kind == yaml.AliasNode { // what else it stands for stays as it is
			*next = *copied(next.Alias)
			next.Anchor = ""
		}
		if i == len(path)-1 {
			*next = yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: value}
		}
		n = next
	}
	text, err := changed.Encode()
	if err != nil {
		return nil
	}
	return append([]byte("---\n"), text...)
}

func copied(n *yaml.Node) *yaml.Node {
	c := *n
	c.Content = make([]*yaml.Node, len(n.Content))
	for i := range n.Content {
		c.Content[i] = copied(n.Content[i])
	}
	return &c
}

// valueNode is [value] without following aliases.
func valueNode(n *yaml.Node, key string) *yaml.Node {
	if i := keyIndex(n, key); i >= 0 {
		return n.Content[i+1]
	}
	return nil
}

func keyIndex(n *yaml.Node, key string) int {
	for i := 0; i+1 < len(n.Content) && n.Kind == yaml.MappingNode; i += 2 {
		if n.Content[i].Value == key {
			return i
		}
	}
	return -1
}

// edited changes a text where its nodes say. Whether it came out right is for the caller to find.
func edited(text []byte, n *yaml.Node, value string, path []string) []byte {
	var key *yaml.Node // in front of n
	for len(path) > 0 {
		i := keyIndex(n, path[0])
		if i < 0 {
			break
		}
		key, n, path = n.Content[i], n.Content[i+1], path[1:]
	}
	at := offset(text, n.Line, n.Column)
	switch {
	case at < 0 || at > len(text):
		return nil
	case len(path) == 0:
		for _, quote := range []string{"", `"`, `'`} {
			if bytes.HasPrefix(text[at:], []byte(quote+n.Value+quote)) && n.Value != "" {
				at += len(quote)
				return slices.Concat(text[:at], []byte(value), text[at+len(n.Value):])
			}
		}
		return nil
	case n.Kind == yaml.MappingNode && n.Style&yaml.FlowStyle != 0:
		if at == len(text) || text[at] != '{' {
			return nil
		}
		entry := flowEntry(path, value)
		if len(n.Content) > 0 {
			entry += ", "
		}
		return slices.Concat(text[:at+1], []byte(entry), text[at+1:])
	case key == nil:
		return nil
	}
	indent := key.Column + 1 // two below the key's
	if n.Kind == yaml.MappingNode && len(n.Content) > 0 {
		indent = n.Content[0].Column - 1
	}
	line := offset(text, key.Line, 1)
	next := bytes.IndexByte(text[line:], '\n')
	if next < 0 {
		text = append(bytes.Clone(text), '\n')
		next = len(text) - 1 - line
	}
	end := "\n"
	if next > 0 && text[line+next-1] == '\r' {
		end = "\r\n"
	}
	next += line + 1
	var lines strings.Builder
	for i, key := range path {
		lines.WriteString(strings.Repeat(" ", indent+2*i) + key + ":")
		if i == len(path)-1 {
			fmt.Fprintf(&lines, " %q", value)
		}
		lines.WriteString(end)
	}
	return slices.Concat(text[:next], []byte(lines.String()), text[next:])
}

// flowEntry is an entry of a mapping in flow style.
func flowEntry(path []string, value string) string {
	entry := fmt.Sprintf("%q", value)
	for i, key := range slices.Backward(path) {
		if entry = fmt.Sprintf("%q: %s", key, entry); i > 0 {
			entry = "{" + entry + "}"
		}
	}
	return entry
}

// offset finds a place in a text; columns count characters. It is -1 for one that is not there.
func offset(text []byte, line, column int) int {
	at := 0
	for range line - 1 {
		i := bytes.IndexByte(text[at:], '\n')
		if i < 0 {
			return -1
		}
		at += i + 1
	}
	for i := range string(text[at:]) {
		if column--; column == 0 {
			return at + i
		}
	}
	return len(text)
}
