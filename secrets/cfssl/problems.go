package cfssl

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"certgen/certs/pki"
	"certgen/render"
)

// file is a JSON file that is being read.
type file struct {
	source   string // its name for people
	object   render.Object
	problems pki.PlacedProblems
}

func (f *file) add(line, column int, err error) {
	f.problems = append(f.problems, pki.PlacedProblem{Place: pki.Place{Source: f.source, Line: line, Column: column}, Err: err})
}

// unread is the error of a file of which nothing can be said but that.
func (f *file) unread(line, column int, err error) error {
	f.add(line, column, err)
	return f.problems
}

// read fills into by its json tags. The error is [pki.PlacedProblems]; where those are about fields alone, the file with them is
// returned as well, and into holds the other fields.
func read(source string, data []byte, into any) (*file, error) {
	data = pki.AsText(data)
	f := &file{source: source}
	if err := f.syntax(data); err != nil {
		return nil, err
	}
	for doc, err := range render.Objects(bytes.NewReader(data)) {
		if err == nil {
			f.object, err = doc.Object()
		}
		if err != nil {
			return nil, f.unread(1, 1, err)
		}
		err = f.object.Read(into)
		var found render.Problems
		if errors.As(err, &found) {
			f.translate(found)
			return f, f.problems
		}
		if err != nil {
			return nil, f.unread(1, 1, err)
		}
		return f, nil
	}
	return nil, f.unread(1, 1, errors.New("the file is empty"))
}

// syntax finds where data is not one JSON object.
func (f *file) syntax(data []byte) error {
	var object map[string]json.RawMessage
	err := json.Unmarshal(data, &object)
	at := int64(0)
	var bad *json.SyntaxError
	var kind *json.UnmarshalTypeError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &bad):
		at, err = max(bad.Offset-1, 0), fmt.Errorf("not JSON: %s", strings.TrimPrefix(pki.Shorten(bad.Error()), "json: "))
	case errors.As(err, &kind):
		err = errors.New("not a JSON object")
	}
	before := data[:min(int(at), len(data))]
	return f.unread(1+bytes.Count(before, []byte("\n")), len(before)-bytes.LastIndexByte(before, '\n'), err)
}

func (f *file) translate(found render.Problems) {
	for _, p := range found {
		reason := p.Reason
		if p.Path != "" {
			reason = p.Path + ": " + reason
		}
		err := errors.New(reason)
		if p.Hint != "" {
			err = pki.WithHint(err, "%s", p.Hint)
		}
		f.add(p.Line, p.Column, err)
	}
}

// problem is at the value that the keys lead to, whose names are the field's.
func (f *file) problem(value, reason, hint string, keys ...string) {
	f.wrong(pki.Problem{Value: value, Reason: reason, Hint: hint}, keys...)
}

func (f *file) wrong(p pki.Problem, keys ...string) {
	p.Field = pki.Field(strings.Join(keys, "."))
	line, column := f.object.Place(keys...)
	f.add(line, column, p)
}

func (f *file) err() error { return f.problems.InOrder() }

// unsaid is a field that changes a certificate in a way that certgen does not, or that only a server can do.
type unsaid bool

// UnmarshalJSON notes what stands there, if it is something.
func (u *unsaid) UnmarshalJSON(data []byte) error {
	switch string(data) {
	case "null", "false", "0", `""`, "[]", "{}":
	default:
		*u = true
	}
	return nil
}

// ignored is a field that changes nothing about a certificate.
type ignored struct{}

// UnmarshalJSON takes whatever is there.
func (*ignored) UnmarshalJSON([]byte) error { return nil }
