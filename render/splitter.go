package render

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
)

// splitter cuts documents off a stream, and items off the Lists in it.
type splitter struct {
	lines    *bufio.Reader
	apart    bool   // whether Lists are taken apart
	carry    []byte // a line that was read already: it starts what comes next
	read     int    // lines before carry
	document int
	size     int       // of the last document or item
	list     *openList // that is being taken apart; nil for none
	ended    bool
}

// openList is a List of which items were taken out, or will be.
type openList struct {
	head   Document // what stands before the items
	json   bool
	indent int    // in YAML, of the dashes
	of     string // the kind of the items that name none
	known  bool   // whether that is known: in YAML and JSON of kubectl the List's kind comes after its items
	count  int    // of the items taken out
}

// next returns the next document that holds anything, or item, [io.EOF] where there is none.
func (s *splitter) next() (Document, error) {
	switch {
	case s.list == nil:
		return s.rest(s.start(), false)
	case s.list.json:
		return s.jsonItem()
	}
	return s.blockItem()
}

// start is a document or an item that has nothing yet.
func (s *splitter) start() Document {
	return Document{Number: s.document + 1, Line: s.read + 1, Text: make([]byte, 0, s.size)}
}

// rest reads a document to its end, or to the items of a List. It holds something where it has more than comments and directives.
func (s *splitter) rest(doc Document, holds bool) (Document, error) {
	search := listSearch{off: !s.apart || holds}
	closed := closes(doc.Text)
	for !s.ended {
		atStart := len(doc.Text) == 0 || doc.Text[len(doc.Text)-1] == '\n'
		ahead := s.ahead()
		object := atStart && bytes.HasPrefix(ahead, []byte("{"))
		if holds && (atStart && isMarker(ahead, "---") || closed && object) {
			break
		}
		if object && !holds && s.apart {
			return s.beginJSON(doc)
		}
		line, err := s.line()
		if err := fits(doc, line, err); err != nil {
			return doc, err
		}
		if search.line(line) {
			s.carry = line
			s.list = &openList{head: doc, indent: search.indent, of: itemKind(search.kind), known: search.kind != ""}
			return s.blockItem()
		}
		s.read++
		s.ended = err != nil
		if atStart && isMarker(line, "...") {
			if holds {
				break
			}
			continue
		}
		doc.Text = append(doc.Text, line...)
		if text := bytes.TrimSpace(line); len(text) > 0 {
			holds = holds || text[0] != '#' && line[0] != '%' && !bytes.Equal(text, []byte("---"))
			closed = closes(text)
		}
	}
	s.list = nil
	if !holds {
		return doc, io.EOF
	}
	s.document++
	s.size = min(len(doc.Text), sniffed) // documents of one manifest are often alike
	return doc, nil
}

// fits is what is wrong with the next part of doc.
func fits(doc Document, part []byte, err error) error {
	if len(doc.Text)+len(part) > MaxDocument {
		err = fmt.Errorf("is over the limit of %d bytes", MaxDocument)
	}
	if err != nil && !errors.Is(err, io.EOF) {
		return doc.problem(err)
	}
	return nil
}

// closes reports whether the last that a text says is a "}".
func closes(text []byte) bool {
	text = bytes.TrimSpace(text)
	return len(text) > 0 && text[len(text)-1] == '}'
}

// item is the next item, of which the text is yet to come.
func (s *splitter) item() Document {
	doc := s.start()
	doc.Path, doc.kind = fmt.Sprintf("items[%d]", s.list.count), s.list.of
	return doc
}

// taken ends an item.
func (s *splitter) taken(item Document) Document {
	s.list.count++
	s.size = min(len(item.Text), sniffed)
	return item
}

// remains reads what is left of a List as a List, to the document's end. It goes on with text, from the given line on.
func (s *splitter) remains(text []byte, line int) (Document, error) {
	doc := s.list.head
	if !bytes.HasSuffix(doc.Text, []byte("\n")) {
		doc.Text = append(doc.Text, '\n') // so that the lines before and behind are not one
	}
	doc.head = bytes.Count(doc.Text, []byte("\n"))
	doc.gap = line - (doc.Line + doc.head)
	doc.Text = append(doc.Text, text...)
	return s.rest(doc, true)
}

// ahead is the start of the next line, as far as it tells a marker.
func (s *splitter) ahead() []byte {
	if s.carry != nil {
		return s.carry
	}
	ahead, _ := s.lines.Peek(len("---\n")) // an error, if it lasts, is that of the line
	return ahead
}

// line returns the next line with its end, which is valid until the next call. The last one comes with io.EOF.
func (s *splitter) line() ([]byte, error) {
	if line := s.carry; line != nil {
		s.carry = nil
		return line, nil
	}
	line, err := s.lines.ReadSlice('\n')
	if !errors.Is(err, bufio.ErrBufferFull) {
		return line, err
	}
	long := bytes.Clone(line)
	for errors.Is(err, bufio.ErrBufferFull) && len(long) <= MaxDocument {
		line, err = s.lines.ReadSlice('\n')
		long = append(long, line...)
	}
	return long, err
}

// isMarker reports whether a line is one of YAML's document markers, with or without something behind it.
func isMarker(line []byte, marker string) bool {
	rest, ok := bytes.CutPrefix(line, []byte(marker))
	return ok && (len(rest) == 0 || bytes.IndexByte([]byte(" \t\r\n"), rest[0]) >= 0)
}
