package cmd

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/runtime"

	"certgen/certs/pki"
	"certgen/cmd/internal/cli"
	"certgen/render"
	"certgen/render/file"
	"certgen/secrets"
)

// manifestStore is a file of Kubernetes objects: the Secret and what goes with it.
type manifestStore struct {
	path   string
	format render.Format
	adopt  bool
	build  func(pki.PEM) (*corev1.Secret, []runtime.Object) // the objects that the file is to hold

	present map[objectID]runtime.Object // what Load found
	secret  *corev1.Secret              // the Secret among them
	sameAs  render.Format               // the format that Load found
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

func (s *manifestStore) Load() (pki.PEM, error) {
	data, err := file.ReadFile(s.path)
	if errors.Is(err, fs.ErrNotExist) {
		return pki.PEM{}, nil
	}
	if err != nil {
		return pki.PEM{}, fmt.Errorf("--out: %w", err)
	}
	objs, err := render.Decode(data)
	if err != nil {
		return pki.PEM{}, cli.WithHint(fmt.Errorf("--out %s is not a manifest that this command wrote: %w", s.path, err), "choose another file, or delete this one")
	}
	secret, others := s.build(pki.PEM{})
	ours := map[objectID]bool{identify(secret): true}
	for _, obj := range others {
		ours[identify(obj)] = true
	}
	s.present = make(map[objectID]runtime.Object, len(objs))
	for _, obj := range objs {
		id := identify(obj)
		switch {
		case !ours[id]:
			return pki.PEM{}, cli.WithHint(fmt.Errorf("--out %s holds the %s, which this command does not write", s.path, id), "choose another file, or run the command that wrote this one")
		case s.present[id] != nil:
			return pki.PEM{}, cli.WithHint(fmt.Errorf("--out %s holds the %s twice", s.path, id), "delete one of them")
		}
		s.present[id] = obj
	}
	if s.sameAs = render.YAML; bytes.HasPrefix(bytes.TrimSpace(data), []byte("{")) {
		s.sameAs = render.JSON
	}
	found, ok := s.present[identify(secret)].(*corev1.Secret)
	if !ok {
		return pki.PEM{}, nil
	}
	if !secrets.Managed(found) && !s.adopt {
		return pki.PEM{}, cli.WithHint(fmt.Errorf("--out %s: the Secret %s was not made by certgen: it lacks the label %s=%s", s.path, found.Name, secrets.ManagedByLabel, secrets.ManagedBy),
			"--adopt takes it over, and keeps its certificate if that fits")
	}
	s.secret = found
	return secrets.PEMOf(found), nil
}

func (s *manifestStore) Save(pair pki.PEM) (string, error) {
	secret, others := s.build(pair)
	if s.secret != nil {
		secrets.KeepForeign(secret, s.secret)
	}
	objs := append([]runtime.Object{secret}, others...)
	same, err := s.holds(objs)
	if err != nil {
		return "", err
	}
	if same && !file.Marked(s.path) {
		return s.path + " unchanged" + exposed(s.path), nil
	}
	data, err := render.Encode(s.format, objs...)
	if err != nil {
		return "", err
	}
	if err := cli.WriteFiles(file.File{Path: s.path, Data: data, Private: true}); err != nil {
		return "", fmt.Errorf("--out: %w", err)
	}
	return s.path + " written", nil
}

// holds reports whether the file has just these objects already, in the format wanted.
func (s *manifestStore) holds(objs []runtime.Object) (bool, error) {
	if len(objs) != len(s.present) || s.sameAs != s.format {
		return false, nil
	}
	for _, obj := range objs {
		present := s.present[identify(obj)]
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
