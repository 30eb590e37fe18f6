package provision

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/runtime"

	"certgen/certs/pki"
	"certgen/render"
	"certgen/render/file"
	"certgen/secrets"
)

// Manifest is a file of Kubernetes objects: the Secret and what goes with it.
type Manifest struct {
	Flag   string // that named the path, for errors
	Path   string
	Format render.Format
	Adopt  bool // take over a Secret that certgen did not make
}

// manifestState is what a manifest held.
type manifestState struct {
	objects map[objectID]runtime.Object
	secret  *corev1.Secret // the Secret among them
	format  render.Format
}

// objectID is what makes an object the same one in a cluster.
type objectID struct{ kind, namespace, name string }

func (id objectID) String() string {
	s := id.kind + " " + id.name
	if id.namespace != "" {
		s += " in namespace " + id.namespace
	}
	return s
}

func identify(obj runtime.Object) objectID {
	// Every object here is one of the typed ones, which all have metadata.
	m, _ := meta.Accessor(obj)
	return objectID{obj.GetObjectKind().GroupVersionKind().Kind, m.GetNamespace(), m.GetName()}
}

// Load reads the file. One that holds anything else than the order's objects is an error.
func (s *Manifest) Load(_ context.Context, orders []Order, each func(i int, read func() (Held, error)) error) error {
	return one(orders, each, func() (Held, error) {
		held, err := s.read(orders[0])
		return held, inFlag(s.Flag, err)
	})
}

func (s *Manifest) read(order Order) (Held, error) {
	state := manifestState{objects: map[objectID]runtime.Object{}, format: render.YAML}
	data, err := file.ReadFile(s.Path)
	if errors.Is(err, fs.ErrNotExist) {
		return Held{state: state}, nil
	}
	if err != nil {
		return Held{}, err
	}
	found, err := render.Decode(data)
	if err != nil {
		return Held{}, pki.WithHint(fmt.Errorf("%s is not a manifest that this command wrote: %w", s.Path, err), "choose another file, or delete this one")
	}
	secret, others := objects(order, pki.PEM{})
	ours := map[objectID]bool{identify(secret): true}
	for _, obj := range others {
		ours[identify(obj)] = true
	}
	for _, obj := range found {
		id := identify(obj)
		switch {
		case !ours[id]:
			return Held{}, pki.WithHint(fmt.Errorf("%s holds the %s, which this command does not write", s.Path, id), "choose another file, or run the command that wrote this one")
		case state.objects[id] != nil:
			return Held{}, pki.WithHint(fmt.Errorf("%s holds the %s twice", s.Path, id), "delete one of them")
		}
		state.objects[id] = obj
	}
	if bytes.HasPrefix(bytes.TrimSpace(data), []byte("{")) {
		state.format = render.JSON
	}
	held, ok := state.objects[identify(secret)].(*corev1.Secret)
	if !ok {
		return Held{state: state}, nil
	}
	if !secrets.Managed(held) && !s.Adopt {
		return Held{}, notOurs(s.Path, held)
	}
	state.secret = held
	return Held{PEM: secrets.PEMOf(held), place: s.Path, state: state}, nil
}

// notOurs refuses a Secret in a file.
func notOurs(path string, held *corev1.Secret) error {
	return pki.WithHint(fmt.Errorf("%s: the Secret %s was not made by certgen: it lacks the label %s=%s", path, held.Name, secrets.ManagedByLabel, secrets.ManagedBy),
		"--adopt takes it over, and keeps its certificate if that fits")
}

// Save writes the file anew, unless it holds just these objects already. What others added to the Secret stays.
func (s *Manifest) Save(_ context.Context, held Held, r *Result) error {
	state := held.state.(manifestState)
	secret, others, err := r.objects(state.secret)
	if err != nil {
		return err
	}
	if state.secret != nil {
		secrets.KeepForeign(secret, state.secret)
	}
	all := append([]runtime.Object{secret}, others...)
	same, err := state.holds(all, s.Format)
	if err != nil {
		return err
	}
	if same && !file.Marked(s.Path) {
		r.Said = s.Path + " unchanged" + exposed(s.Path)
		return nil
	}
	data, err := render.Encode(s.Format, all...)
	if err != nil {
		return err
	}
	r.Said, err = replaceManifest(s.Flag, s.Path, data)
	return err
}

// replaceManifest writes a file with keys in it, and says so.
func replaceManifest(flag, path string, data []byte) (string, error) {
	tightened := file.ReadableByAll(path)
	if err := writeFiles(file.File{Path: path, Data: data, Private: true}); err != nil {
		return "", inFlag(flag, err)
	}
	return written(path, tightened), nil
}

// holds reports whether the file has just these objects already, in the format wanted.
func (s manifestState) holds(objs []runtime.Object, format render.Format) (bool, error) {
	if len(objs) != len(s.objects) || s.format != format {
		return false, nil
	}
	for _, obj := range objs {
		present := s.objects[identify(obj)]
		if present == nil {
			return false, nil
		}
		want, err := render.Encode(render.JSON, obj)
		if err != nil {
			return false, err
		}
		have, err := render.Encode(render.JSON, present)
		if err != nil {
			return false, err
		}
		if !bytes.Equal(have, want) {
			return false, nil
		}
	}
	return true, nil
}
