package render

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"reflect"
	"strings"
	"unicode"
)

// Items writes one document with a list "items", item by item, so that no more than one of them is held. Format is as in [Encode].
type Items struct {
	w      io.Writer
	format Format
	n      int
}

// NewItems begins a document, of which nothing is written before the first item.
func NewItems(w io.Writer, f Format) *Items { return &Items{w: w, format: f} }

// Add writes one item: any value that encoding/json takes, with the names of its json tags.
func (l *Items) Add(item any) error {
	tree, err := build(reflect.ValueOf(item))
	if err != nil {
		return err
	}
	var out bytes.Buffer
	first := l.n == 0
	l.n++
	if l.format == YAML {
		if first {
			out.WriteString("items:\n")
		}
		text, err := appendSequence(nil, node{kind: sequence, items: []node{tree}}, 0, false)
		if err != nil {
			return err
		}
		out.Write(text)
	} else {
		if first {
			out.WriteString("{\n    \"items\": [\n        ")
		} else {
			out.WriteString(",\n        ")
		}
		if err := json.Indent(&out, appendJSON(nil, tree), "        ", "    "); err != nil {
			return err
		}
	}
	_, err = l.w.Write(out.Bytes())
	return err
}

// Close ends the document. It does not close the writer.
func (l *Items) Close() error {
	end := "\n    ]\n}\n"
	switch {
	case l.format == YAML && l.n == 0:
		end = "items: []\n"
	case l.format == YAML:
		end = ""
	case l.n == 0:
		end = "{\n    \"items\": []\n}\n"
	}
	_, err := io.WriteString(l.w, end)
	return err
}

// Printable makes a text from outside fit for a terminal: what one would obey, or what hides, is replaced.
func Printable(s string) string {
	return strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return unicode.ReplacementChar
		}
		return r
	}, s)
}

// Count counts things in words: "1 finding", "2 findings".
func Count(n int, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return fmt.Sprintf("%d %ss", n, thing)
}
