package krm

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"

	"certgen/certs/pki"
	"certgen/render"
)

// Answer is the ResourceList that a function gives back.
type Answer struct {
	list    List
	items   bytes.Buffer
	results []result
}

// Severity says how bad a result is.
type Severity string

// The severities that the specification knows and certgen uses.
const (
	Error   Severity = "error"
	Warning Severity = "warning"
	Info    Severity = "info"
)

type result struct {
	Message     string     `json:"message"`
	Severity    Severity   `json:"severity"`
	ResourceRef *reference `json:"resourceRef,omitempty"`
	File        *fileRef   `json:"file,omitempty"`
}

type fileRef struct {
	Path  string `json:"path"`
	Index int    `json:"index"`
}

// NewAnswer begins the answer to a list.
func NewAnswer(list List) *Answer { return &Answer{list: list} }

// Add adds the manifest of an object in the place of the one that a source is of, whose notes of where it is from it gets.
func (a *Answer) Add(source string, manifest []byte) error {
	object, err := render.Document{Line: 1, Text: manifest}.Object()
	if err != nil {
		return err
	}
	item := a.list.at(source)
	if item != nil {
		for _, key := range slices.Backward(slices.Sorted(maps.Keys(item.Annotations))) {
			text, err := object.With(item.Annotations[key], "metadata", "annotations", key)
			if err != nil {
				return err
			}
			if object, err = (render.Document{Line: 1, Text: text}).Object(); err != nil {
				return err
			}
		}
	}
	a.item(object.Text)
	return nil
}

// item adds an object's text below the item before it.
func (a *Answer) item(text []byte) {
	text = bytes.TrimPrefix(text, []byte("---\n"))
	const first = "- "
	indent := first
	for line := range bytes.Lines(text) {
		if len(line) > 1 || indent == first {
			a.items.WriteString(indent)
			indent = "  "
		}
		a.items.Write(line)
	}
	if !bytes.HasSuffix(text, []byte("\n")) {
		a.items.WriteString("\n")
	}
}

// Say adds a result about the object that a source is of.
func (a *Answer) Say(source string, severity Severity, message string) {
	r := result{Message: message, Severity: severity}
	if item := a.list.at(source); item != nil {
		r.ResourceRef = &item.ref
		path := cmp.Or(item.Annotations["internal.config.kubernetes.io/path"], item.Annotations["config.kubernetes.io/path"])
		if path != "" {
			index, _ := strconv.Atoi(cmp.Or(item.Annotations["internal.config.kubernetes.io/index"], item.Annotations["config.kubernetes.io/index"]))
			r.File = &fileRef{path, index}
		}
	}
	a.results = append(a.results, r)
}

// GiveBack has the items be as they came.
func (a *Answer) GiveBack() {
	a.items.Reset()
	for _, item := range a.list.Items {
		if !item.configured {
			a.item(item.Text)
		}
	}
}

// Fail adds an error, each of its problems as a result.
func (a *Answer) Fail(err error) {
	var problems pki.PlacedProblems
	if !errors.As(err, &problems) {
		a.Say("", Error, withHint(err))
		return
	}
	for _, p := range problems {
		a.Say(p.Source, Error, withHint(p.Err))
	}
}

func withHint(err error) string {
	if hint := pki.HintOf(err); hint != "" {
		return err.Error() + "; " + hint
	}
	return err.Error()
}

// Encode writes the answer.
func (a *Answer) Encode() ([]byte, error) {
	out := bytes.NewBufferString("apiVersion: config.kubernetes.io/v1\nkind: ResourceList\n")
	if a.items.Len() == 0 {
		out.WriteString("items: []\n")
	} else {
		fmt.Fprintf(out, "items:\n%s", a.items.Bytes())
	}
	if len(a.results) == 0 {
		return out.Bytes(), nil
	}
	out.WriteString("results:\n")
	for _, r := range a.results {
		text, err := json.Marshal(r)
		if err != nil {
			return nil, err
		}
		fmt.Fprintf(out, "- %s\n", text)
	}
	return out.Bytes(), nil
}
