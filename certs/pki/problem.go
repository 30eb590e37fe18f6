package pki

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Field names a field of an input. The fields of a certificate bear the names that they have in cert-manager's
// Certificate; packages that build other objects add their own.
type Field string

// The fields of a certificate.
const (
	FieldSubject        Field = "subject"
	FieldCommonName     Field = "commonName"
	FieldDNSNames       Field = "dnsNames"
	FieldIPAddresses    Field = "ipAddresses"
	FieldURIs           Field = "uris"
	FieldEmailAddresses Field = "emailAddresses"
	FieldDuration       Field = "duration"
	FieldRenewBefore    Field = "renewBefore"
	FieldKeyAlgorithm   Field = "privateKey.algorithm"
	FieldKeySize        Field = "privateKey.size"
	FieldUsages         Field = "usages"
	FieldIsCA           Field = "isCA"
	FieldPathLength     Field = "pathLength"
	FieldIssuer         Field = "issuer"
)

// Problem is one thing wrong with an input: what stands in Field, the Value given, the Reason with the
// bound that it breaks, and a Hint what to do instead, which may be empty.
type Problem struct {
	Field  Field
	Value  string
	Reason string
	Hint   string
}

// Error returns the problem on one line, without its hint.
func (p Problem) Error() string {
	var b strings.Builder
	if p.Field != "" {
		b.WriteString(string(p.Field))
		b.WriteByte(' ')
	}
	if p.Value != "" || p.Field != "" {
		fmt.Fprintf(&b, "%q: ", p.Value)
	}
	b.WriteString(p.Reason)
	return b.String()
}

// Problems is everything wrong with one input. A nil Problems is not an error: return [Problems.Err].
type Problems []Problem

// Error returns all problems, one a line.
func (ps Problems) Error() string {
	lines := make([]string, len(ps))
	for i, p := range ps {
		lines[i] = p.Error()
	}
	return strings.Join(lines, "\n")
}

// Err returns ps as an error, nil where there are none.
func (ps Problems) Err() error {
	if len(ps) == 0 {
		return nil
	}
	return ps
}

// Place is where something stands in an input.
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

// PlacedProblem is one thing wrong with an input, and where.
type PlacedProblem struct {
	Place
	Object string // such as "Certificate shop/web"; "" where it is not one
	Err    error  // with its hint, if any
}

func (p PlacedProblem) Error() string {
	text := p.Place.String() + ": "
	if p.Object != "" {
		text += p.Object + ": "
	}
	return text + p.Err.Error()
}

// Unwrap returns what is wrong, without its place.
func (p PlacedProblem) Unwrap() error { return p.Err }

// PlacedProblems is all that is wrong with an input.
type PlacedProblems []PlacedProblem

// Error returns all problems with their hints, one a line.
func (ps PlacedProblems) Error() string {
	lines := make([]string, len(ps))
	for i, p := range ps {
		lines[i] = p.Error()
		if hint := HintOf(p.Err); hint != "" {
			lines[i] += "; " + hint
		}
	}
	if len(lines) == 1 {
		return lines[0]
	}
	return fmt.Sprintf("%d problems\n  %s", len(lines), strings.Join(lines, "\n  "))
}

// InOrder returns the problems as an error, nil where there are none: those of each source in the order of their places, and the
// sources in theirs.
func (ps PlacedProblems) InOrder(sources ...string) error {
	if len(ps) == 0 {
		return nil
	}
	slices.SortStableFunc(ps, func(a, b PlacedProblem) int {
		return cmp.Or(cmp.Compare(slices.Index(sources, a.Source), slices.Index(sources, b.Source)), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
	})
	return ps
}

// hinted is an error with what to do about it.
type hinted struct {
	error
	hint string
}

func (e hinted) Unwrap() error { return e.error }

// WithHint adds to err what its reader can do about it; the text of err stays as it is. [HintOf] finds it again.
func WithHint(err error, format string, args ...any) error {
	return hinted{err, fmt.Sprintf(format, args...)}
}

// HintOf returns what can be done about err: the outermost hint of [WithHint], else that of a [Problem]; "" where
// there is none.
func HintOf(err error) string {
	var h hinted
	var p Problem
	switch {
	case errors.As(err, &h):
		return h.hint
	case errors.As(err, &p):
		return p.Hint
	}
	return ""
}
