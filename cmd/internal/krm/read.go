package krm

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"certgen/certs/pki"
	"certgen/render"
	"certgen/secrets/certmanager"
)

// List is a ResourceList as it came in.
type List struct {
	Items   []Item
	Options map[string]string // the data of a ConfigMap as functionConfig
}

// Item is an object of the list, or the functionConfig where that is one to work on.
type Item struct {
	Text        []byte
	Annotations map[string]string // that say where the object is from
	ref         reference
	configured  bool // by the functionConfig, so that it is no item
}

type reference struct {
	APIVersion string `json:"apiVersion,omitempty"`
	Kind       string `json:"kind,omitempty"`
	Name       string `json:"name,omitempty"`
	Namespace  string `json:"namespace,omitempty"`
}

// Read reads a ResourceList.
func Read(in io.Reader) (List, error) {
	text, err := io.ReadAll(io.LimitReader(in, render.MaxDocument+1))
	if err != nil {
		return List{}, err
	}
	if len(text) > render.MaxDocument {
		return List{}, fmt.Errorf("has more than %d bytes", render.MaxDocument)
	}
	whole, err := render.Document{Number: 1, Line: 1, Text: text}.Object()
	if err != nil {
		return List{}, err
	}
	if whole.Kind != "ResourceList" || !strings.HasPrefix(whole.APIVersion, "config.kubernetes.io/") {
		return List{}, pki.WithHint(errors.New("is not a ResourceList of config.kubernetes.io"), "kustomize and kpt write one; for manifests there is certgen create -f -")
	}
	var list List
	for _, object := range whole.Items() {
		item, err := itemOf(object)
		if err != nil {
			return list, err
		}
		list.Items = append(list.Items, item)
	}
	var function struct {
		FunctionConfig struct {
			Kind string
			Data map[string]string
		}
	}
	if err := whole.Convert(&function); err != nil {
		return list, fmt.Errorf("functionConfig: %w", err)
	}
	config, ok := whole.Field("functionConfig")
	switch {
	case !ok:
	case config.Kind == "ConfigMap":
		list.Options = function.FunctionConfig.Data
	default:
		objects := config.Items()
		if objects == nil {
			objects = []render.Object{config}
		}
		for _, object := range objects {
			if !strings.HasPrefix(object.APIVersion, certmanager.Group+"/") {
				return list, pki.WithHint(fmt.Errorf("functionConfig is a %s", object.Kind), "a ConfigMap with options, a Certificate, or a List of Certificates and Issuers")
			}
			item, err := itemOf(object)
			if err != nil {
				return list, err
			}
			if slices.ContainsFunc(list.Items, func(other Item) bool { return other.ref == item.ref }) {
				continue // kustomize gives a generator its functionConfig as an item, too
			}
			item.configured, item.Annotations = true, nil
			list.Items = append(list.Items, item)
		}
	}
	return list, nil
}

func itemOf(object render.Object) (Item, error) {
	text, err := object.Encode()
	if err != nil {
		return Item{}, err
	}
	item := Item{Text: text, Annotations: map[string]string{}, ref: reference{object.APIVersion, object.Kind, object.Name, object.Namespace}}
	var written struct {
		Metadata struct{ Annotations map[string]string }
	}
	if err := object.Convert(&written); err != nil {
		return Item{}, fmt.Errorf("%s %s: %w", object.Kind, render.Printable(object.Name), err)
	}
	for key, value := range written.Metadata.Annotations {
		// How a function is run, and that its configuration is none of the cluster's, is nothing of what it makes.
		ofFunction := key == "config.kubernetes.io/function" || key == "config.kubernetes.io/local-config"
		if !ofFunction && (strings.Contains(key, "config.kubernetes.io/") || strings.Contains(key, "config.k8s.io/")) {
			item.Annotations[key] = value
		}
	}
	return item, nil
}

const sourcePrefix = "items"

// Sources are the objects, each a source of its own whose name is its place in the list.
func (l List) Sources() (sources []certmanager.Source) {
	for i, item := range l.Items {
		sources = append(sources, certmanager.Source{Name: fmt.Sprintf("%s[%d]", sourcePrefix, i), Open: func() (io.ReadCloser, error) {
			return io.NopCloser(bytes.NewReader(item.Text)), nil
		}})
	}
	return sources
}

// at finds the object that a source is of; nil for none.
func (l List) at(source string) *Item {
	i, err := strconv.Atoi(strings.TrimSuffix(strings.TrimPrefix(source, sourcePrefix+"["), "]"))
	if err != nil || i < 0 || i >= len(l.Items) {
		return nil
	}
	return &l.Items[i]
}
