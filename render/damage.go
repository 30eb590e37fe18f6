package render

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"gopkg.in/yaml.v3"
)

// syntaxProblem is yaml.v3's message with the line in the manifest, not that in the document.
func (d Document) syntaxProblem(err error) error {
	text := syntaxProblem(err)
	if number, rest, ok := strings.Cut(strings.TrimPrefix(text, "line "), ": "); ok {
		if n, err := strconv.Atoi(number); err == nil {
			return fmt.Errorf("line %d: %s", d.line(n), rest)
		}
	}
	return errors.New(text)
}

// repeatedKey says where a mapping has a key twice: of these, kubectl and the API server take
// the last without a word, in YAML and JSON, and kustomize refuses them.
func (d Document) repeatedKey(object *yaml.Node) error {
	var repeated keys
	repeated.find(object)
	if repeated.count == 0 {
		return nil
	}
	text := fmt.Sprintf("line %d: the key %s is there already, in line %d", d.line(repeated.again.Line), shown(repeated.name), d.line(repeated.first.Line))
	if more := repeated.count - 1; more > 0 {
		text += fmt.Sprintf(", and %d more are", more)
	}
	top := d.Path == "" && slices.Contains(object.Content, repeated.again)
	if top && slices.Contains([]string{"apiVersion", "kind", "metadata"}, repeated.name) {
		text += `; is a line "---" missing between two objects?`
	}
	return errors.New(text)
}

// keys are those that are repeated.
type keys struct {
	name         string     // of the first one
	first, again *yaml.Node // where it is
	count        int
}

// find looks into n, but follows no aliases: what they lead to is in the document, too.
func (k *keys) find(n *yaml.Node) {
	if n.Kind == yaml.MappingNode {
		seen := make(map[string]*yaml.Node, len(n.Content)/2)
		for i := 0; i+1 < len(n.Content); i += 2 {
			key := n.Content[i]
			name := key
			if key.Kind == yaml.AliasNode {
				name = key.Alias
			}
			if name.Kind != yaml.ScalarNode {
				continue
			}
			first, ok := seen[name.Value]
			if !ok {
				seen[name.Value] = key
				continue
			}
			if k.count++; k.count == 1 {
				k.name, k.first, k.again = name.Value, first, key
			}
		}
	}
	for _, child := range n.Content {
		k.find(child)
	}
}
