package certmanager

import (
	"cmp"
	"errors"
	"fmt"
	"strings"

	"certgen/certs/pki"
	"certgen/render"
	"certgen/secrets/cluster"
)

// described names an object for people.
func described(o render.Object) string {
	name := o.Name
	if o.Namespace != "" {
		name = o.Namespace + "/" + o.Name
	}
	if o.Kind == "" || o.Name == "" {
		return o.Kind
	}
	return o.Kind + " " + render.Printable(name)
}

// shown names a Secret for people.
func shown(name cluster.SecretName) string {
	if name.Namespace == "" {
		return name.Name
	}
	return name.Namespace + "/" + name.Name
}

// problemsAt finds the places of an object's problems.
func problemsAt(source string, o render.Object, err error) (found pki.PlacedProblems) {
	var written render.Problems
	var wrong pki.Problems
	if errors.As(err, &written) {
		for _, p := range written {
			reason := p.Reason
			if p.Path != "" {
				reason = p.Path + " " + reason
			}
			e := errors.New(reason)
			if p.Hint != "" {
				e = pki.WithHint(e, "%s", p.Hint)
			}
			found = append(found, pki.PlacedProblem{Place: pki.Place{Source: source, Line: p.Line, Column: p.Column}, Object: described(o), Err: e})
		}
	}
	if errors.As(err, &wrong) {
		for _, p := range wrong {
			line, column := o.Place(path(p.Field)...)
			found = append(found, pki.PlacedProblem{Place: pki.Place{Source: source, Line: line, Column: column}, Object: described(o), Err: unset{p}})
		}
	}
	if err != nil && len(found) == 0 {
		line, column := o.Place()
		found = append(found, pki.PlacedProblem{Place: pki.Place{Source: source, Line: line, Column: column}, Object: described(o), Err: err})
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
