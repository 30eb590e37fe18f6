package render

import (
	"fmt"
	"reflect"
	"strings"

	"gopkg.in/yaml.v3"
)

// Problem is one thing wrong with a manifest, and where.
type Problem struct {
	Document     int // counted from 1
	Line, Column int // counted from 1
	Path         string
	Reason       string // never quotes a value
	Hint         string
}

// Error returns the problem on one line, without its hint.
func (p Problem) Error() string {
	where := fmt.Sprintf("document %d: line %d: ", p.Document, p.Line)
	if p.Path != "" {
		where += p.Path + ": "
	}
	return where + p.Reason
}

// Problems are all that is wrong with a document, in the order of their places.
type Problems []Problem

// Error returns all problems, one a line.
func (ps Problems) Error() string {
	lines := make([]string, len(ps))
	for i, p := range ps {
		lines[i] = p.Error()
	}
	return strings.Join(lines, "\n")
}

// unknown is a field that a struct has not.
func (r *reader) unknown(key *yaml.Node, t reflect.Type) error {
	p := r.problem(key, "is not a field of "+t.Name()).(Problem)
	if near := Nearest(key.Value, fieldNames(t)); near != "" {
		p.Hint = fmt.Sprintf("did you mean %q?", near)
	}
	return p
}

// fieldNames are the names by which JSON knows the fields of a struct.
func fieldNames(t reflect.Type) (names []string) {
	for _, f := range fieldsOf(t) {
		names = append(names, f.name)
	}
	return names
}

// maxMisspelt is how many letters a field's name may be off and still be recognized: git's and cobra's measure.
const maxMisspelt = 2

// Nearest is the name that was probably meant, "" where none is near.
func Nearest(written string, names []string) (near string) {
	least := maxMisspelt + 1
	for _, name := range names {
		switch d := distance(strings.ToLower(written), strings.ToLower(name)); {
		case d < least && d < len(name):
			near, least = name, d
		case d > maxMisspelt && len(written) > maxMisspelt && strings.HasPrefix(strings.ToLower(name), strings.ToLower(written)) && near == "":
			near = name
		}
	}
	return near
}

// distance is Levenshtein's: how many letters have to be put in, taken out or replaced to make b of a.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := 1
			if a[i] == b[j] {
				cost = 0
			}
			diagonal, row[j+1] = row[j+1], min(row[j]+1, row[j+1]+1, diagonal+cost)
		}
	}
	return row[len(b)]
}
