package render

import (
	"bytes"
	"cmp"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"sync"
	"unicode/utf8"
)

// kind tells the shapes of a node apart.
type kind uint8

const (
	null    kind = iota
	literal      // a number or a boolean, written as it is
	text
	sequence
	mapping
)

// node is an object as both writers see it: ordered, with the fields dropped that say nothing.
type node struct {
	kind  kind
	value string   // of a literal or a text
	coded bool     // a text that is base64
	keys  []string // of a mapping
	items []node   // of a sequence or a mapping
}

func (n *node) add(key string, value node) {
	n.keys = append(n.keys, key)
	n.items = append(n.items, value)
}

// mappingOf has room for some entries.
func mappingOf(entries int) node {
	return node{kind: mapping, keys: make([]string, 0, entries), items: make([]node, 0, entries)}
}

// size is about how many bytes n has as YAML.
func (n node) size() int {
	size := len(n.value)
	for _, key := range n.keys {
		size += len(key) + len("      : \n")
	}
	for _, item := range n.items {
		size += item.size()
	}
	return size
}

// topOrder is the order in which people write the top of an object. What it does not name comes after, as its struct has it.
var topOrder = []string{"apiVersion", "kind", "metadata", "type", "immutable", "data", "stringData", "spec"}

// treeOf returns obj without its status, which is the cluster's to write.
func treeOf(obj any) (node, error) {
	all, err := build(reflect.ValueOf(obj))
	if err != nil {
		return node{}, fmt.Errorf("encode %T: %w", obj, err)
	}
	if !slices.Contains(all.keys, "apiVersion") || !slices.Contains(all.keys, "kind") {
		return node{}, fmt.Errorf("encode %T: apiVersion or kind is not set", obj)
	}
	order := make([]int, 0, len(all.keys))
	for i, key := range all.keys {
		if key != "status" {
			order = append(order, i)
		}
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(rank(all.keys[a]), rank(all.keys[b])) })
	top := mappingOf(len(order))
	for _, i := range order {
		top.add(all.keys[i], all.items[i])
	}
	return top, nil
}

func rank(key string) int {
	if i := slices.Index(topOrder, key); i >= 0 {
		return i
	}
	return len(topOrder)
}

// build goes through a value as encoding/json would. It is not left to encoding/json because that loses what the writers need:
// invalid UTF-8 (replaced without a word) and which empty values nobody set; and because reading its output back costs more than writing YAML.
func build(v reflect.Value) (node, error) {
	if v.Kind() == reflect.Pointer || v.Kind() == reflect.Interface {
		if v.IsNil() {
			return node{}, nil
		}
		if v.Kind() == reflect.Interface || !v.Type().Implements(reflect.TypeFor[json.Marshaler]()) {
			return build(v.Elem())
		}
	}
	if m, ok := marshaler(v); ok {
		return buildMarshaler(m)
	}
	switch v.Kind() {
	case reflect.String:
		return buildString(v)
	case reflect.Bool:
		return node{kind: literal, value: strconv.FormatBool(v.Bool())}, nil
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return node{kind: literal, value: strconv.FormatInt(v.Int(), 10)}, nil
	case reflect.Struct:
		n := mappingOf(8)
		return n, n.addFields(v)
	case reflect.Map:
		return buildMap(v)
	case reflect.Slice:
		if v.Type().Elem().Kind() == reflect.Uint8 {
			return node{kind: text, coded: true, value: base64.StdEncoding.EncodeToString(v.Bytes())}, nil
		}
		n := node{kind: sequence}
		for i := range v.Len() {
			item, err := build(v.Index(i))
			if err != nil {
				return node{}, fmt.Errorf("[%d]: %w", i, err)
			}
			n.items = append(n.items, item)
		}
		return n, nil
	}
	return node{}, fmt.Errorf("a %s has no form in a manifest", v.Type())
}

func marshaler(v reflect.Value) (json.Marshaler, bool) {
	if v.Kind() != reflect.Struct && v.Kind() != reflect.Pointer || !v.Type().Implements(reflect.TypeFor[json.Marshaler]()) {
		return nil, false
	}
	return v.Interface().(json.Marshaler), true
}

// buildMarshaler takes times, quantities and the like, which know how they are written.
func buildMarshaler(m json.Marshaler) (node, error) {
	data, err := m.MarshalJSON()
	if err != nil {
		return node{}, err
	}
	var value any
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.UseNumber()
	if err := dec.Decode(&value); err != nil {
		return node{}, err
	}
	return build(reflect.ValueOf(&value))
}

func buildString(v reflect.Value) (node, error) {
	if v.Type() == reflect.TypeFor[json.Number]() {
		return node{kind: literal, value: v.String()}, nil
	}
	if !utf8.ValidString(v.String()) {
		return node{}, errors.New("is not valid UTF-8, which YAML and JSON cannot hold")
	}
	return node{kind: text, value: v.String()}, nil
}

func buildMap(v reflect.Value) (node, error) {
	n := mappingOf(v.Len())
	keys := v.MapKeys()
	slices.SortFunc(keys, func(a, b reflect.Value) int { return cmp.Compare(a.String(), b.String()) })
	for _, key := range keys {
		if !utf8.ValidString(key.String()) {
			return node{}, fmt.Errorf("key %q: is not valid UTF-8, which YAML and JSON cannot hold", key)
		}
		item, err := build(v.MapIndex(key))
		if err != nil {
			return node{}, fmt.Errorf("%s: %w", key, err)
		}
		n.add(key.String(), item)
	}
	return n, nil
}

// addFields drops what encoding/json drops, and with it every null and every struct of an omitempty field that came out empty:
// "strategy: {}" or "creationTimestamp: null" would be claimed by whoever applies the manifest.
// An empty struct behind a pointer (emptyDir: {}) was set by someone and stays.
func (n *node) addFields(v reflect.Value) error {
	for _, f := range fieldsOf(v.Type()) {
		value := v.FieldByIndex(f.index)
		if f.omitEmpty && isEmpty(value) {
			continue
		}
		item, err := build(value)
		if err != nil {
			return fmt.Errorf("%s: %w", f.name, err)
		}
		if item.kind == null || f.omitEmpty && value.Kind() == reflect.Struct && item.kind == mapping && len(item.items) == 0 {
			continue
		}
		n.add(f.name, item)
	}
	return nil
}

func isEmpty(v reflect.Value) bool {
	switch v.Kind() {
	case reflect.Map, reflect.Slice:
		return v.Len() == 0
	}
	return v.IsZero()
}

// field is one JSON field of a Kubernetes type: encoding/json and yaml.v3 each keep such a table to themselves.
type field struct {
	index     []int // as reflect has it; more than one step leads into embedded structs without a name
	name      string
	omitEmpty bool
}

// tables are the fields of the structs that were asked for, by their [reflect.Type]: reading their tags anew takes longer than
// reading and writing what is in them.
var tables sync.Map

// fieldsOf reads the json tags of a struct, those of structs embedded in it among them, in its order.
func fieldsOf(t reflect.Type) []field {
	if known, ok := tables.Load(t); ok {
		return known.([]field)
	}
	var fields []field
	for i := range t.NumField() {
		sf := t.Field(i)
		name, options, _ := strings.Cut(sf.Tag.Get("json"), ",")
		switch {
		case !sf.IsExported() || name == "-":
			continue
		case name == "" && sf.Anonymous:
			for _, inner := range fieldsOf(sf.Type) {
				inner.index = append([]int{i}, inner.index...)
				fields = append(fields, inner)
			}
			continue
		case name == "":
			name = sf.Name
		}
		fields = append(fields, field{[]int{i}, name, strings.Contains(options, "omit")})
	}
	tables.Store(t, fields)
	return fields
}
