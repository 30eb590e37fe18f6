package certmanager

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	"certgen/certs/pki"
	"certgen/render"
)

// Place is where something stands in the input.
type Place struct {
	Source       string // its name for people
	Line, Column int    // counted from 1; 0 where it is not known
}

func (p Place) String() string {
	switch {
	case p.Line == 0:
		return p.Source
	case p.Column == 0:
		return fmt.Sprintf("%s:%d", p.Source, p.Line)
	}
	return fmt.Sprintf("%s:%d:%d", p.Source, p.Line, p.Column)
}

// Problem is one thing wrong with the input.
type Problem struct {
	Place
	Object string // such as "Certificate shop/web"; "" where it is not one
	Err    error  // with its hint, if any
}

func (p Problem) Error() string {
	text := p.Place.String() + ": "
	if p.Object != "" {
		text += p.Object + ": "
	}
	return text + p.Err.Error()
}

// Problems is all that is wrong with the input, in the order of its places.
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
	if len(lines) == 1 {
		return lines[0]
	}
	return fmt.Sprintf("%d problems\n  %s", len(lines), strings.Join(lines, "\n  "))
}

// err is ps as an error, nil where there are none.
func (ps Problems) err(order []string) error {
	if len(ps) == 0 {
		return nil
	}
	slices.SortStableFunc(ps, func(a, b Problem) int {
		return cmp.Or(cmp.Compare(slices.Index(order, a.Source), slices.Index(order, b.Source)), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
	})
	return ps
}

// described names an object for people.
func described(o render.Object) string {
	name := o.Name
	if o.Namespace != "" {
		name = o.Namespace + "/" + o.Name
	}
	if o.Kind == "" || name == "" {
		return o.Kind
	}
	return o.Kind + " " + render.Printable(name)
}

// problemsAt finds the places of an object's problems.
func problemsAt(source string, o render.Object, err error) (found Problems) {
	var written render.Problems
	var wrong pki.Problems
	switch {
	case errors.As(err, &written):
		for _, p := range written {
			reason := p.Reason
			if p.Path != "" {
				reason = p.Path + " " + reason
			}
			e := errors.New(reason)
			if p.Hint != "" {
				e = pki.WithHint(e, "%s", p.Hint)
			}
			found = append(found, Problem{Place{source, p.Line, p.Column}, described(o), e})
		}
	case errors.As(err, &wrong):
		for _, p := range wrong {
			line, column := o.Place(path(p.Field)...)
			found = append(found, Problem{Place{source, line, column}, described(o), unset{p}})
		}
	case err != nil:
		line, column := o.Place()
		found = append(found, Problem{Place{source, line, column}, described(o), err})
	}
	return found
}

// inOneLine says all problems of what is named at once, with the first hint among them.
func inOneLine(name string, err error) error {
	var problems pki.Problems
	if !errors.As(err, &problems) {
		return fmt.Errorf("%s: %w", name, err)
	}
	var texts []string
	var hint string
	for _, p := range problems {
		texts, hint = append(texts, p.Error()), cmp.Or(hint, p.Hint)
	}
	err = fmt.Errorf("%s: %s", name, strings.Join(texts, "; "))
	if hint == "" {
		return err
	}
	return pki.WithHint(err, "%s", hint)
}

// unset is a problem that shows no value where there is none.
type unset struct{ pki.Problem }

func (u unset) Error() string {
	switch {
	case u.Value != "" || u.Field == "":
		return u.Problem.Error()
	case strings.HasPrefix(u.Reason, "is "):
		return string(u.Field) + " " + u.Reason
	}
	return string(u.Field) + ": " + u.Reason
}

func (u unset) Unwrap() error { return u.Problem }

// path leads from an object to a field that a problem names.
func path(field pki.Field) []string {
	text, _, _ := strings.Cut(string(field), "[")
	keys := strings.Split(text, ".")
	if keys[0] == "metadata" {
		return keys
	}
	return append([]string{"spec"}, keys...)
}
