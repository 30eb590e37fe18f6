package render

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"strings"

	"gopkg.in/yaml.v3"
	"k8s.io/apimachinery/pkg/runtime"
)

const (
	// maxDepth bounds nesting, in levels. The deepest field of a Deployment is below 20.
	maxDepth = 64
	// maxNodes bounds what aliases may multiply ("billion laughs"), in values of one manifest.
	// The largest object that a cluster stores (etcd's limit of 1.5 MiB a request) holds fewer.
	maxNodes = 1 << 19
	// maxShown is how much of a name an error shows: the longest field name is 33. A line of PEM (64) that stands where a
	// name belongs is key material.
	maxShown = 63
)

// reader fills typed objects from yaml.v3's nodes by their json tags. yaml.v3 itself reads only yaml tags and quotes values in its
// errors; encoding/json, behind a conversion, knows no lines, ignores case and says nothing of repeated keys.
type reader struct {
	document int
	nodes    int
	objects  []runtime.Object
	path     []step   // to the value that is being read
	found    Problems // what is wrong with values, where reading goes on behind them
	all      bool     // whether it does
}

// step leads from a value to one in it.
type step struct {
	key   string
	item  int  // of a sequence, counted from 1; 0 where a key leads there
	plain bool // whether the key is fit to be shown
}

func (s step) String() string {
	switch {
	case s.item > 0:
		return fmt.Sprintf("[%d]", s.item-1)
	case !s.plain && (len(s.key) > maxShown || strings.ContainsAny(s.key, ".[]\" \n")):
		return "[" + shown(s.key) + "]"
	}
	return "." + s.key
}

// problem is an error at the place of n.
func (r *reader) problem(n *yaml.Node, reason string) error {
	var path strings.Builder
	for _, s := range r.path {
		path.WriteString(s.String())
	}
	return Problem{Document: r.document, Line: n.Line, Column: n.Column, Path: strings.TrimPrefix(path.String(), "."), Reason: reason}
}

// unbounded is a [Problem] that ends the reading.
type unbounded struct{ Problem }

// inside reads what is behind a step of the path.
func (r *reader) inside(s step, read func() error) error {
	r.path = append(r.path, s)
	err := read()
	r.path = r.path[:len(r.path)-1]
	if err == nil {
		return nil
	}
	var p Problem
	if r.all && errors.As(err, &p) && !errors.As(err, new(unbounded)) {
		r.found = append(r.found, p)
		return nil
	}
	return err
}

// shown is a name as errors may show it.
func shown(name string) string {
	if len(name) > maxShown {
		return fmt.Sprintf("(%d bytes)", len(name))
	}
	return fmt.Sprintf("%q", name)
}

func (r *reader) bound(n *yaml.Node, reason string) error {
	return unbounded{r.problem(n, reason).(Problem)}
}

// enter follows aliases and counts.
func (r *reader) enter(n *yaml.Node, depth int) (*yaml.Node, error) {
	if r.nodes++; r.nodes > maxNodes {
		return nil, r.bound(n, fmt.Sprintf("more than %d values, with those that aliases repeat", maxNodes))
	}
	if depth > maxDepth {
		return nil, r.bound(n, fmt.Sprintf("is nested deeper than %d levels", maxDepth))
	}
	if n.Kind == yaml.AliasNode {
		n = n.Alias
	}
	return n, nil
}

// entries calls f for each entry of a mapping. A key must be a string, and the only one of its name.
func (r *reader) entries(n *yaml.Node, f func(key, value *yaml.Node) error) error {
	if n.Kind != yaml.MappingNode || n.ShortTag() != "!!map" {
		return r.problem(n, "is not a mapping")
	}
	seen := make(map[string]bool, len(n.Content)/2)
	for i := 0; i+1 < len(n.Content); i += 2 {
		key := n.Content[i]
		if key.Kind == yaml.AliasNode {
			key = key.Alias
		}
		name, isName := "", false
		err := r.inside(step{key: "(key)", plain: true}, func() (err error) {
			name, err = r.text(key)
			isName = err == nil
			return err
		})
		if isName {
			err = r.inside(step{key: name}, func() error {
				if seen[name] {
					return r.problem(n.Content[i], "is there twice")
				}
				seen[name] = true
				return f(key, n.Content[i+1])
			})
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// items calls f for each item of a sequence.
func (r *reader) items(n *yaml.Node, depth int, f func(item *yaml.Node) error) error {
	n, err := r.enter(n, depth)
	if err != nil || isNull(n) {
		return err
	}
	if n.Kind != yaml.SequenceNode || n.ShortTag() != "!!seq" {
		return r.problem(n, "is not a sequence")
	}
	for i, item := range n.Content {
		if err := r.inside(step{item: i + 1}, func() error { return f(item) }); err != nil {
			return err
		}
	}
	return nil
}

// value sets v to what n says; null leaves it unset, as in JSON.
func (r *reader) value(n *yaml.Node, v reflect.Value, depth int) error {
	n, err := r.enter(n, depth)
	if err != nil || isNull(n) {
		return err
	}
	if u, ok := v.Addr().Interface().(json.Unmarshaler); ok {
		return r.unmarshaler(n, u, v.Type(), depth)
	}
	switch v.Kind() {
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		return r.value(n, v.Elem(), depth+1)
	case reflect.Struct:
		return r.entries(n, func(key, value *yaml.Node) error {
			f, ok := fieldNamed(v, key.Value)
			if !ok {
				return r.unknown(key, v.Type())
			}
			return r.value(value, f, depth+1)
		})
	case reflect.Map:
		v.Set(reflect.MakeMap(v.Type()))
		return r.entries(n, func(key, value *yaml.Node) error {
			item := reflect.New(v.Type().Elem()).Elem()
			err := r.value(value, item, depth+1)
			v.SetMapIndex(reflect.ValueOf(key.Value).Convert(v.Type().Key()), item)
			return err
		})
	case reflect.Slice:
		if v.Type().Elem().Kind() == reflect.Uint8 {
			return r.bytes(n, v)
		}
		v.Set(reflect.MakeSlice(v.Type(), 0, len(n.Content)))
		return r.items(n, depth, func(item *yaml.Node) error {
			v.Set(reflect.Append(v, reflect.Zero(v.Type().Elem())))
			return r.value(item, v.Index(v.Len()-1), depth+1)
		})
	}
	return r.scalar(n, v)
}

func (r *reader) scalar(n *yaml.Node, v reflect.Value) error {
	switch v.Kind() {
	case reflect.String:
		text, err := r.text(n)
		v.SetString(text)
		return err
	case reflect.Bool:
		var b bool
		if n.Kind != yaml.ScalarNode || n.ShortTag() != "!!bool" || n.Decode(&b) != nil {
			return r.problem(n, "is not true or false")
		}
		v.SetBool(b)
		return nil
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		var i int64
		if n.Kind != yaml.ScalarNode || n.ShortTag() != "!!int" || n.Decode(&i) != nil || v.OverflowInt(i) {
			return r.problem(n, fmt.Sprintf("is not a whole number of at most %d bits", v.Type().Bits()))
		}
		v.SetInt(i)
		return nil
	}
	return r.problem(n, fmt.Sprintf("has no form in a manifest (%s)", v.Type()))
}

// text is a scalar that every reader takes for a string. A bare date is one to kubectl, and to no one else something worse.
func (r *reader) text(n *yaml.Node) (string, error) {
	tag := n.ShortTag()
	switch {
	case n.Kind != yaml.ScalarNode || tag != "!!str" && tag != "!!timestamp":
		return "", r.problem(n, "is not a string: a number, true, false, null or << needs quotes to be one")
	case n.Style == 0 && isOldBool(n.Value):
		return "", r.problem(n, "is a boolean to kubectl: yes, no, on, off, y and n need quotes to be strings")
	}
	return n.Value, nil
}

func (r *reader) bytes(n *yaml.Node, v reflect.Value) error {
	text, err := r.text(n)
	if err != nil {
		return err
	}
	data, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		return r.problem(n, "is not base64")
	}
	v.SetBytes(data)
	return nil
}

func isNull(n *yaml.Node) bool {
	return n.Kind == yaml.ScalarNode && n.ShortTag() == "!!null"
}

// fieldNamed finds the field of struct v that JSON calls name.
func fieldNamed(v reflect.Value, name string) (reflect.Value, bool) {
	for _, f := range fieldsOf(v.Type()) {
		if f.name == name {
			return v.FieldByIndex(f.index), true
		}
	}
	return reflect.Value{}, false
}
