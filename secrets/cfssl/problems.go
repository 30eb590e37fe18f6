package cfssl

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"certgen/certs/pki"
	"certgen/render"
)

// Problem is one thing wrong with a file, and where.
type Problem struct {
	Line, Column int // counted from 1
	Err          error
}

func (p Problem) Error() string {
	return fmt.Sprintf("line %d, column %d: %v", p.Line, p.Column, p.Err)
}

func (p Problem) Unwrap() error { return p.Err }

// Problems is all that is wrong with a file.
type Problems []Problem

// Error returns all problems with their hints, one a line.
func (ps Problems) Error() string {
	lines := make([]string, len(ps))
	for i, p := range ps {
		lines[i] = p.Error()
		if hint := pki.HintOf(p.Err); hint != "" {
			lines[i] += "; " + hint
		}
	}
	return strings.Join(lines, "\n")
}

// file is a JSON file that is being read.
type file struct {
	object   render.Object
	problems Problems
}

// read fills into by its json tags. The error is [Problems]; where those are about fields alone, the file with them is returned as
// well, and into holds the other fields.
func read(data []byte, into any) (*file, error) {
	data = pki.AsText(data)
	if err := syntax(data); err != nil {
		return nil, err
	}
	for doc, err := range render.Objects(bytes.NewReader(data)) {
		if err != nil {
			return nil, Problems{{1, 1, err}}
		}
		object, err := doc.Object()
		if err != nil {
			return nil, Problems{{1, 1, err}}
		}
		err = object.Read(into)
		var found render.Problems
		if errors.As(err, &found) {
			return &file{object, translated(found)}, translated(found)
		}
		if err != nil {
			return nil, Problems{{1, 1, err}}
		}
		return &file{object: object}, nil
	}
	return nil, Problems{{1, 1, errors.New("the file is empty")}}
}

// syntax finds where data is not one JSON object.
func syntax(data []byte) error {
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
	return Problems{{1 + bytes.Count(before, []byte("\n")), len(before) - bytes.LastIndexByte(before, '\n'), err}}
}

func translated(found render.Problems) (ps Problems) {
	for _, p := range found {
		reason := p.Reason
		if p.Path != "" {
			reason = p.Path + ": " + reason
		}
		err := errors.New(reason)
		if p.Hint != "" {
			err = pki.WithHint(err, "%s", p.Hint)
		}
		ps = append(ps, Problem{p.Line, p.Column, err})
	}
	return ps
}

// problem is at the value that the keys lead to, whose names are the field's.
func (f *file) problem(value, reason, hint string, keys ...string) {
	f.wrong(pki.Problem{Value: value, Reason: reason, Hint: hint}, keys...)
}

func (f *file) wrong(p pki.Problem, keys ...string) {
	p.Field = pki.Field(strings.Join(keys, "."))
	line, column := f.object.Place(keys...)
	f.problems = append(f.problems, Problem{line, column, p})
}

func (f *file) err() error { return f.problems.sorted().err() }

// sorted puts problems in the order of their places.
func (ps Problems) sorted() Problems {
	slices.SortStableFunc(ps, func(a, b Problem) int { return cmp.Or(a.Line-b.Line, a.Column-b.Column) })
	return ps
}

// err is an error only where there is a problem.
func (ps Problems) err() error {
	if len(ps) == 0 {
		return nil
	}
	return ps
}

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
