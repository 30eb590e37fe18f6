package render

import (
	"encoding/json"
	"reflect"
	"strings"

	"gopkg.in/yaml.v3"
	"k8s.io/apimachinery/pkg/api/resource"
)

// unmarshaler hands quantities, times and the like the JSON that they read themselves. Their errors would quote the value.
func (r *reader) unmarshaler(n *yaml.Node, u json.Unmarshaler, t reflect.Type, depth int) error {
	value, err := r.plain(n, depth)
	if err != nil {
		return err
	}
	data, err := json.Marshal(value)
	if _, ok := u.(*resource.Quantity); ok && isUnreasonable(n.Value) {
		return r.problem(n, "is not a quantity of at most 63 characters and two digits of exponent")
	}
	if err != nil || u.UnmarshalJSON(data) != nil {
		return r.problem(n, "is not a valid "+t.Name())
	}
	return nil
}

// isUnreasonable keeps from Quantity what it would compute with for minutes: it has a digit for each that an exponent counts.
func isUnreasonable(quantity string) bool {
	exponent := strings.LastIndexAny(quantity, "eE")
	return len(quantity) > 63 || exponent >= 0 && len(quantity)-exponent > len("e-99")
}

// plain is n as encoding/json would hold it.
func (r *reader) plain(n *yaml.Node, depth int) (any, error) {
	n, err := r.enter(n, depth)
	if err != nil {
		return nil, err
	}
	switch n.Kind {
	case yaml.MappingNode:
		object := map[string]any{}
		err := r.entries(n, func(key, value *yaml.Node) (err error) {
			object[key.Value], err = r.plain(value, depth+1)
			return err
		})
		return object, err
	case yaml.SequenceNode:
		array := []any{}
		err := r.items(n, depth, func(item *yaml.Node) error {
			value, err := r.plain(item, depth+1)
			array = append(array, value)
			return err
		})
		return array, err
	}
	if tag := n.ShortTag(); tag == "!!str" || tag == "!!timestamp" {
		return r.text(n)
	}
	var value any
	if n.Decode(&value) != nil {
		return nil, r.problem(n, "is not what its tag says")
	}
	return value, nil
}
