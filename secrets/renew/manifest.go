package renew

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"

	"certgen/render"
	"certgen/render/file"
	"certgen/secrets"
	"certgen/secrets/cluster"
	"certgen/secrets/provision"
)

// manifest renews the Secrets in a manifest. Everything else in it stays as it is, to the byte.
func (r *filesRun) manifest(ctx context.Context, path string) {
	data, err := file.ReadFile(path)
	fail := func(err error) { r.tell(Outcome{Candidate: Candidate{Ref: path}, Err: err}) }
	if err != nil {
		fail(err)
		return
	}
	if !render.IsManifest(data) {
		return // values of a chart, a workflow, and whatever else is YAML
	}
	all, err := secretsIn(data)
	if err != nil {
		fail(err)
		return
	}
	slices.SortStableFunc(all, func(a, b inManifest) int { return b.rank() - a.rank() })
	text := data
	var renewed []Outcome
	for _, found := range all {
		c := fromSecret(found.secret, cluster.Owned{Data: slices.Collect(maps.Keys(secrets.Data(found.secret)))}, r.Choice, r.Adopt, time.Now())
		c.Ref, c.path = path+" "+c.Ref, path
		switch v := c.Decision.Verdict; {
		case v == Unfit:
			r.tell(Outcome{Candidate: *c, Err: c.err()})
			continue
		case !c.Decision.Renews():
			r.tell(Outcome{Candidate: *c})
			continue
		}
		store := &edited{text: text, number: found.number, path: found.path, held: found.secret}
		outcome := r.bring(ctx, store, c)
		if outcome.Err != nil || store.done == nil {
			r.tell(outcome)
			continue
		}
		r.authorities.beside.add(path, found.secret, outcome.Result.PEM)
		text, renewed = store.done, append(renewed, outcome)
	}
	if len(renewed) > 0 {
		if err = file.WriteFiles(file.File{Path: path, Data: text, Private: true}); err == nil {
			r.before = append(r.before, file.File{Path: path, Data: data, Private: true})
		}
	}
	for _, outcome := range renewed { // none of which there is before it is written
		outcome.Err, outcome.Result.Err = err, err
		r.tell(outcome)
	}
}

// inManifest is a Secret of a manifest.
type inManifest struct {
	secret *corev1.Secret
	number int    // of its document
	path   string // in a List
}

// rank has CAs come first, whose new certificates go with what they sign.
func (s inManifest) rank() int {
	if isCA(secrets.PEMOf(s.secret).Cert) != nil {
		return 1
	}
	return 0
}

// secretsIn finds the Secrets with a pair.
func secretsIn(data []byte) (all []inManifest, err error) {
	for doc, err := range render.Objects(bytes.NewReader(data)) {
		if err != nil {
			return nil, err
		}
		object, err := doc.Object()
		if err != nil {
			return nil, err
		}
		objects := object.Items()
		if objects == nil {
			objects = []render.Object{object}
		}
		for _, o := range objects {
			if o.Kind != "Secret" || o.APIVersion != "v1" {
				continue
			}
			secret := &corev1.Secret{}
			if err := o.Read(secret); err != nil {
				return nil, fmt.Errorf("secret/%s: %w", o.Name, err)
			}
			if text := secrets.PEMOf(secret); len(text.Cert) > 0 && len(text.Key) > 0 {
				all = append(all, inManifest{secret: secret, number: doc.Number, path: o.Path})
			}
		}
	}
	return all, nil
}

// edited is a store of one Secret in the text of a manifest. What it saves is the text with the new pair in it.
type edited struct {
	text   []byte
	number int
	path   string
	held   *corev1.Secret
	done   []byte // nil before it has saved
}

// Load is the Secret as it was read.
func (s *edited) Load(_ context.Context, _ []provision.Order, each func(i int, read func() (provision.Held, error)) error) error {
	return each(0, func() (provision.Held, error) { return provision.Held{PEM: secrets.PEMOf(s.held)}, nil })
}

// Save changes the values in the text.
func (s *edited) Save(_ context.Context, _ provision.Held, r *provision.Result) error {
	if r.Action == provision.Kept {
		return nil
	}
	secret, err := r.Secret(s.held)
	if err != nil {
		return err
	}
	if len(secrets.Data(s.held)[secrets.CAKey]) > 0 && len(secret.Data[secrets.CAKey]) == 0 {
		return errors.New("its ca.crt would not go with the new certificate, whose root is not known")
	}
	text := s.text
	for _, change := range changes(s.held, secret) {
		if text, err = set(text, s.number, s.path, change); err != nil {
			return fmt.Errorf("secret/%s: %s: %w", secret.Name, strings.Join(change.path, "."), err)
		}
	}
	s.done = text
	return nil
}

// change is a value of an object, and where it is.
type change struct {
	value string
	path  []string
}

// changes are what turns a Secret into another, where each value stands: in stringData or in data.
func changes(from, to *corev1.Secret) (all []change) {
	for _, key := range []string{corev1.TLSCertKey, corev1.TLSPrivateKeyKey, secrets.CAKey, secrets.DERKey, secrets.CombinedPEMKey} {
		value, wanted := to.Data[key]
		if !wanted || bytes.Equal(secrets.Data(from)[key], value) {
			continue
		}
		if _, plain := from.StringData[key]; plain {
			all = append(all, change{string(value), []string{"stringData", key}})
		} else {
			all = append(all, change{base64.StdEncoding.EncodeToString(value), []string{"data", key}})
		}
	}
	for _, key := range []string{secrets.SpecAnnotation} {
		if value := to.Annotations[key]; value != "" && value != from.Annotations[key] {
			all = append(all, change{value, []string{"metadata", "annotations", key}})
		}
	}
	if from.Labels[secrets.ManagedByLabel] != secrets.ManagedBy {
		all = append(all, change{secrets.ManagedBy, []string{"metadata", "labels", secrets.ManagedByLabel}})
	}
	return all
}

// set changes a value of an object in a manifest. All outside of its document stays.
func set(text []byte, number int, path string, c change) ([]byte, error) {
	for doc, err := range render.Objects(bytes.NewReader(text)) {
		if err != nil {
			return nil, err
		}
		if doc.Number != number {
			continue
		}
		object, err := doc.Object()
		if err != nil {
			return nil, err
		}
		for _, item := range object.Items() {
			if item.Path == path {
				object = item
			}
		}
		changed, err := object.With(c.value, c.path...)
		if err != nil {
			return nil, err
		}
		start := lineStart(text, doc.Line)
		if start < 0 || !bytes.HasPrefix(text[start:], doc.Text) {
			return nil, errors.New("cannot be changed in place: the manifest is not in UTF-8")
		}
		return append(append(bytes.Clone(text[:start]), changed...), text[start+len(doc.Text):]...), nil
	}
	return nil, errors.New("is not where it was")
}

// lineStart is where a line begins, counted from 1; -1 where there is none.
func lineStart(text []byte, line int) int {
	at := 0
	for range line - 1 {
		end := bytes.IndexByte(text[at:], '\n')
		if end < 0 {
			return -1
		}
		at += end + 1
	}
	return at
}
