package provision

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/runtime"

	"certgen/certs/pki"
	"certgen/render"
	"certgen/render/file"
	"certgen/secrets"
	"certgen/secrets/cluster"
)

// Collection is a manifest of many Secrets. What it saves is the [Result]'s Output; whoever has all of it writes the file anew.
type Collection struct {
	Path   string
	Format render.Format
	Adopt  bool // take over Secrets that certgen did not make

	held  map[cluster.SecretName]*corev1.Secret
	order []heldObject
}

// heldObject is an object that the file holds, in its order.
type heldObject struct {
	id   objectID
	text []byte
}

// OpenCollection reads the manifest, if there is one.
func OpenCollection(path string, format render.Format, adopt bool) (*Collection, error) {
	c := &Collection{Path: path, Format: format, Adopt: adopt, held: map[cluster.SecretName]*corev1.Secret{}}
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return c, nil
	}
	if err != nil {
		return nil, err
	}
	defer f.Close()
	if info, err := f.Stat(); err != nil || !info.Mode().IsRegular() {
		return nil, pki.WithHint(fmt.Errorf("%s is not a regular file", path), "leave --out away, and the result goes to standard output")
	}
	for doc, err := range render.Objects(f) {
		if err == nil {
			err = c.add(doc)
		}
		if err != nil {
			return nil, pki.WithHint(fmt.Errorf("%s is not a manifest that this command wrote: %w", path, err), "choose another file, or delete this one")
		}
	}
	return c, nil
}

func (c *Collection) add(doc render.Document) error {
	object, err := doc.Object()
	if err != nil {
		return err
	}
	if object.Kind == "" {
		return fmt.Errorf("document %d, in line %d: is not an object", doc.Number, doc.Line)
	}
	if object.Kind == "Secret" && object.APIVersion == "v1" {
		secret := &corev1.Secret{}
		if err := object.Read(secret); err != nil {
			return err
		}
		c.held[cluster.SecretName{Namespace: object.Namespace, Name: object.Name}] = secret
	}
	c.order = append(c.order, heldObject{objectID{object.Kind, object.Namespace, object.Name}, doc.Text})
	return nil
}

// Load finds the Secrets in what was read.
func (c *Collection) Load(_ context.Context, orders []Order, each func(i int, read func() (Held, error)) error) error {
	for i, order := range orders {
		err := each(i, func() (Held, error) {
			held := c.held[cluster.SecretName{Namespace: order.Secret.Namespace, Name: order.Secret.Name}]
			if held == nil {
				return Held{}, nil
			}
			if order.Means != nil && !secrets.Managed(held) && !c.Adopt {
				return Held{}, notOurs(c.Path, held)
			}
			return Held{PEM: secrets.PEMOf(held), place: c.Path, state: held}, nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// Save encodes the objects of a result. What others added to the Secret stays.
func (c *Collection) Save(_ context.Context, held Held, r *Result) (err error) {
	present, ok := held.state.(*corev1.Secret)
	secret, others, err := r.objects(present)
	if err != nil {
		return err
	}
	if ok {
		secrets.KeepForeign(secret, present)
	}
	r.Output, err = render.Encode(c.Format, append([]runtime.Object{secret}, others...)...)
	return err
}

// Left is an object that the file holds and that nobody asked for any more.
type Left struct {
	Name string // for people
	Text []byte // as it stands in the file
}

// Left returns what is not among the objects asked for, given by kind, namespace and name.
func (c *Collection) Left(asked func(kind, namespace, name string) bool) (left []Left) {
	for _, h := range c.order {
		if !asked(h.id.kind, h.id.namespace, h.id.name) {
			left = append(left, Left{h.id.String(), h.text})
		}
	}
	return left
}

// WriteManifest writes a manifest, unless it stands in the file already, and says what it did.
func WriteManifest(flag, path string, data []byte) (said string, err error) {
	if present, err := os.ReadFile(path); err == nil && bytes.Equal(present, data) {
		return path + " unchanged" + exposed(path), nil
	}
	return replaceManifest(flag, path, data)
}

// WriteObjects writes a manifest without keys, unless it stands in the file already, and says what it did. It replaces only what
// the command made before: objects of these kinds, with certgen's label.
func WriteObjects(flag, path string, data []byte, kinds []string) (said string, err error) {
	present, err := file.ReadFile(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
	case err != nil:
		return "", inFlag(flag, err)
	case bytes.Equal(present, data):
		return path + " unchanged", nil
	default:
		if err := madeOf(present, kinds); err != nil {
			return "", inFlag(flag, pki.WithHint(fmt.Errorf("%s is not a manifest that this command wrote: %w", path, err), "choose another file, or delete this one"))
		}
	}
	if err := writeFiles(file.File{Path: path, Data: data}); err != nil {
		return "", inFlag(flag, err)
	}
	return path + " written", nil
}

// madeOf says what a manifest holds beside objects of these kinds that certgen made.
func madeOf(data []byte, kinds []string) error {
	for doc, err := range render.Objects(bytes.NewReader(data)) {
		if err != nil {
			return err
		}
		object, err := doc.Object()
		if err != nil {
			return err
		}
		objects := object.Items()
		if objects == nil {
			objects = []render.Object{object}
		}
		for _, o := range objects {
			var held struct {
				Metadata struct{ Labels map[string]string }
			}
			switch err := o.Convert(&held); {
			case err != nil || o.Kind == "":
				return fmt.Errorf("document %d, in line %d: is not an object", doc.Number, doc.Line)
			case !slices.Contains(kinds, o.Kind):
				return fmt.Errorf("it holds the %s", objectID{o.Kind, o.Namespace, o.Name})
			case held.Metadata.Labels[secrets.ManagedByLabel] != secrets.ManagedBy:
				return fmt.Errorf("the %s lacks the label %s=%s", objectID{o.Kind, o.Namespace, o.Name}, secrets.ManagedByLabel, secrets.ManagedBy)
			}
		}
	}
	return nil
}

// MadeByCertgen reports whether a file is a manifest with one Secret that certgen made.
func MadeByCertgen(path string) bool {
	data, err := file.ReadFile(path)
	if err != nil {
		return false
	}
	found, err := render.Decode(data)
	if err != nil || len(found) != 1 {
		return false
	}
	secret, ok := found[0].(*corev1.Secret)
	return ok && secrets.Managed(secret)
}
