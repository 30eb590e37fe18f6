package render

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"reflect"
	"strings"

	"gopkg.in/yaml.v3"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/runtime"

	"certgen/render/file"
)

// UnknownKindError says that a manifest holds an object that Decode does not read.
type UnknownKindError struct {
	APIVersion, Kind string // as written; empty where missing
	Document         int    // counted from 1
	Line             int    // of the object, counted from 1
}

func (e *UnknownKindError) Error() string {
	return fmt.Sprintf("document %d: line %d: kind %s of apiVersion %s: is not one of Secret, ConfigMap, Service, List (v1), Deployment (apps/v1)",
		e.Document, e.Line, shown(e.Kind), shown(e.APIVersion))
}

// Decode reads all documents of a manifest: YAML in block or flow style, which JSON is too, in UTF-8, or in UTF-16 with a byte
// order mark. It knows Secret, ConfigMap, Service and Deployment, and takes the items out of a v1 List. Empty documents count for nothing.
//
// It reads as strictly as the API server's field validation: an unknown or repeated field, a value of the wrong type or bad
// base64 is an error that names document, line and field. What YAML 1.1 (kubectl) and YAML 1.2 read differently, as a bare "no",
// is an error too. Another kind is an [*UnknownKindError]. Merge keys ("<<") are refused; anchors and aliases are followed.
func Decode(data []byte) ([]runtime.Object, error) {
	if len(data) > file.MaxInput {
		return nil, fmt.Errorf("a manifest of %d bytes: is over the limit of %d", len(data), file.MaxInput)
	}
	dec := yaml.NewDecoder(bytes.NewReader(data))
	r := &reader{}
	for {
		r.document++
		var doc yaml.Node
		if err := dec.Decode(&doc); errors.Is(err, io.EOF) {
			return r.objects, nil
		} else if err != nil {
			return nil, fmt.Errorf("document %d: %s", r.document, syntaxProblem(err))
		}
		if len(doc.Content) == 0 || isNull(doc.Content[0]) {
			continue
		}
		if err := r.object(doc.Content[0], 0); err != nil {
			return nil, err
		}
	}
}

// syntaxProblem is yaml.v3's message. Only one of them quotes the input: an alias may be the start of somebody's password.
func syntaxProblem(err error) string {
	text := strings.TrimPrefix(err.Error(), "yaml: ")
	if strings.Contains(text, "unknown anchor") {
		return "an alias (*) has no anchor (&): a value that starts with * needs quotes"
	}
	return text
}

// object reads one object, or each item of a List.
func (r *reader) object(n *yaml.Node, depth int) error {
	n, err := r.enter(n, depth)
	if err != nil {
		return err
	}
	if n.Kind != yaml.MappingNode {
		return r.problem(n, "is not an object: want a mapping with apiVersion and kind")
	}
	apiVersion, kind := entry(n, "apiVersion"), entry(n, "kind")
	if apiVersion == "v1" && kind == "List" {
		return r.list(n, depth)
	}
	obj := newObject(apiVersion, kind)
	if obj == nil {
		return &UnknownKindError{APIVersion: apiVersion, Kind: kind, Document: r.document, Line: n.Line}
	}
	if err := r.value(n, reflect.ValueOf(obj).Elem(), depth); err != nil {
		return err
	}
	r.objects = append(r.objects, obj)
	return nil
}

func newObject(apiVersion, kind string) runtime.Object {
	switch {
	case apiVersion == "v1" && kind == "Secret":
		return &corev1.Secret{}
	case apiVersion == "v1" && kind == "ConfigMap":
		return &corev1.ConfigMap{}
	case apiVersion == "v1" && kind == "Service":
		return &corev1.Service{}
	case apiVersion == "apps/v1" && kind == "Deployment":
		return &appsv1.Deployment{}
	}
	return nil
}

func (r *reader) list(n *yaml.Node, depth int) error {
	return r.entries(n, func(key, value *yaml.Node) error {
		switch key.Value {
		case "apiVersion", "kind", "metadata":
			return nil
		case "items":
			return r.items(value, depth, func(item *yaml.Node) error { return r.object(item, depth+1) })
		}
		return r.problem(key, "is not a field of List")
	})
}

// entry is the text of a key of a mapping, empty where there is none.
func entry(n *yaml.Node, key string) string {
	for i := 0; i+1 < len(n.Content); i += 2 {
		if n.Content[i].Value == key && n.Content[i+1].Kind == yaml.ScalarNode {
			return n.Content[i+1].Value
		}
	}
	return ""
}
