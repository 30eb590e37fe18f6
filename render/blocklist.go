package render

import (
	"bytes"
	"strings"
)

// listSearch looks through the start of a document in YAML for the first item of a List.
type listSearch struct {
	lines  blockReader
	off    bool   // it is none, or in a form that is not known
	kind   string // of the List, if it is known
	items  bool   // "items:" was there
	indent int    // of the dashes
}

// line reports whether the items begin with this line.
func (l *listSearch) line(line []byte) bool {
	if l.off || bytes.Equal(bytes.TrimSpace(line), []byte("---")) {
		return false
	}
	if l.items {
		column, rest := indentation(line)
		if len(rest) == 0 || rest[0] == '#' {
			return false
		}
		l.indent, l.off = column, true
		return isDash(rest)
	}
	if l.off = !l.lines.read(line); l.off || l.lines.column != 0 {
		return false
	}
	switch string(l.lines.key) {
	case "kind":
		l.kind = kindName(l.lines.value)
		l.off = l.kind != "" && !strings.HasSuffix(l.kind, "List")
	case "items":
		l.items, l.off = l.lines.empty, !l.lines.empty
	}
	return false
}

// kindName is a kind as every reader takes it, empty where that is in doubt.
func kindName(value []byte) string {
	for i, c := range value {
		if letter := c|0x20 >= 'a' && c|0x20 <= 'z'; i == 0 && (c < 'A' || c > 'Z') || !letter && (c < '0' || c > '9') {
			return ""
		}
	}
	switch name := string(value); name {
	case "Null", "NULL", "Y", "N":
		return ""
	default:
		return name
	}
}

// itemKind is the kind of the items of a List of some kind, where they do not say themselves.
func itemKind(list string) string {
	kind, _ := strings.CutSuffix(list, "List")
	return kind
}

// blockItem cuts off the next item of a List in YAML's block style. The dash before it becomes a space, so that it is a document.
// Where a line is not understood, what is left of the List is read as a whole.
func (s *splitter) blockItem() (Document, error) {
	if column, rest := indentation(s.carry); column != s.list.indent || !isDash(rest) {
		return s.remains([]byte(" []\n"), s.read)
	}
	doc, named := s.item(), itemName{known: s.list.known}
	var lines blockReader
	for !s.ended {
		if ahead := s.ahead(); isMarker(ahead, "---") || isMarker(ahead, "...") {
			break
		}
		line, err := s.line()
		if err := fits(doc, line, err); err != nil {
			return doc, err
		}
		column, rest := indentation(line)
		inside := true
		if len(rest) > 0 && rest[0] != '#' && lines.quote == 0 && column <= s.list.indent {
			inside = isDash(rest) && column == s.list.indent
			if inside && len(doc.Text) > 0 || !isDash(rest) && column == 0 && rest[0] != '\t' {
				s.carry = line
				break
			}
		}
		s.read++
		s.ended = err != nil
		first := len(doc.Text) == 0
		doc.Text = append(doc.Text, line...)
		if !inside || !lines.read(line) {
			return s.remains(doc.Text, doc.Line)
		}
		named.line(&lines, first)
	}
	if !named.known || lines.quote != 0 {
		return s.remains(doc.Text, doc.Line)
	}
	doc.Text[s.list.indent] = ' '
	return s.taken(doc), nil
}

// itemName finds out whether an item names its kind.
type itemName struct {
	known bool
	keyed bool // there was a key
	start int  // the column of the item's keys; -1 where it is no mapping
}

func (n *itemName) line(lines *blockReader, first bool) {
	if n.known || lines.column < 0 {
		return
	}
	if !n.keyed {
		n.keyed, n.start = true, lines.column
		if first != (lines.dashes == 1) {
			n.start = -1
		}
	}
	n.known = lines.column == n.start && string(lines.key) == "kind" && kindName(lines.value) != ""
}
