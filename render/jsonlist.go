package render

import (
	"bytes"
	"errors"
	"io"
)

// jsonReader goes through JSON byte by byte, as far as that tells where a value ends. YAML's other ways of writing the same stop it.
type jsonReader struct {
	depth             int
	before            byte // the last byte that is no white space; '"' for a string
	inString, escaped bool
	isValue           bool   // whether the string is behind a colon
	word              []byte // the string on the first level, as far as it matters
	key               []byte // the last key there
	kind              string // what the first level says
	atLine            bool   // whether a line begins
	stopped           bool   // at what is not known
	list              bool   // at the items of a List
}

// maxWord is more than the longest kind and key that matter have.
const maxWord = 64

// read goes through a part and returns how many bytes it took: fewer where the value ends, or its items begin, or it stopped.
func (j *jsonReader) read(part []byte) int {
	for i := 0; i < len(part); {
		if j.inString {
			i += j.inside(part[i:])
			if j.stopped {
				return i
			}
			continue
		}
		c := part[i]
		switch c {
		case ' ', '\t', '\r', '\n':
			j.atLine = c == '\n' || c == '\r'
			i++
			continue
		case '"':
			j.stopped = bytes.IndexByte([]byte("{[,:"), j.before) < 0
			j.inString, j.isValue, j.word = !j.stopped, j.before == ':', j.word[:0]
		case '{', '[':
			j.stopped = j.depth > 0 && bytes.IndexByte([]byte("[,:"), j.before) < 0
			j.list = c == '[' && j.depth == 1 && j.before == ':' && string(j.key) == "items"
			j.depth++
		case '}', ']':
			j.depth--
		case ',', ':':
		default:
			j.stopped = !isLiteral(c) || j.atLine
		}
		if j.stopped {
			return i
		}
		i++
		j.before, j.atLine = c, false
		if j.list || j.depth == 0 {
			return i
		}
	}
	return len(part)
}

// isLiteral reports whether a byte belongs to a number, true, false or null.
func isLiteral(c byte) bool {
	return c >= '0' && c <= '9' || c|0x20 >= 'a' && c|0x20 <= 'z' || c == '+' || c == '-' || c == '.'
}

// inside goes through a string.
func (j *jsonReader) inside(part []byte) int {
	i := 0
	for ; i < len(part) && j.inString; i++ {
		c := part[i]
		switch {
		case j.escaped:
			j.escaped = false
		case c == '\\':
			j.escaped = true
		case c == '"':
			j.inString = false
			j.endWord()
			continue
		case c == '\n', c == '\r':
			j.stopped = true
			return i
		default:
			run := i + 1
			for run < len(part) && part[run] != '"' && part[run] != '\\' && part[run] != '\n' && part[run] != '\r' {
				run++
			}
			j.addWord(part[i:run])
			i = run - 1
			continue
		}
		j.addWord(part[i : i+1])
	}
	return i
}

func (j *jsonReader) addWord(text []byte) {
	if j.depth == 1 && len(j.word) <= maxWord {
		j.word = append(j.word, text[:min(len(text), maxWord)]...)
	}
}

// endWord keeps what a string on the first level says.
func (j *jsonReader) endWord() {
	switch {
	case j.depth != 1:
	case !j.isValue:
		j.key = append(j.key[:0], j.word...)
	case string(j.key) == "kind":
		j.kind = kindName(j.word)
	}
}

// scan appends to doc what j takes.
func (s *splitter) scan(j *jsonReader, doc *Document) error {
	for {
		part, err := s.lines.Peek(1)
		if len(part) == 0 {
			s.ended = true
			return fits(*doc, nil, err)
		}
		part, _ = s.lines.Peek(s.lines.Buffered())
		n := j.read(part)
		if err := fits(*doc, part[:n], nil); err != nil {
			return err
		}
		s.take(doc, part[:n])
		if n < len(part) || j.stopped || j.list || j.depth == 0 {
			return nil
		}
	}
}

// take moves what was peeked at to doc.
func (s *splitter) take(doc *Document, part []byte) {
	doc.Text = append(doc.Text, part...)
	s.read += bytes.Count(part, []byte("\n"))
	_, _ = s.lines.Discard(len(part)) // it is buffered
}

// beginJSON reads an object in JSON, to its items where it is a List.
func (s *splitter) beginJSON(doc Document) (Document, error) {
	var j jsonReader
	if err := s.scan(&j, &doc); err != nil {
		return doc, err
	}
	if !j.list {
		return s.rest(doc, true)
	}
	s.list = &openList{head: doc, json: true, of: itemKind(j.kind), known: j.kind != ""}
	return s.jsonItem()
}

// jsonItem cuts off the next item of a List in JSON. Where it is not understood, what is left of the List is read as a whole.
func (s *splitter) jsonItem() (Document, error) {
	var gap Document
	next, err := s.space(&gap)
	if err != nil {
		return s.list.head, err
	}
	doc := s.item()
	var j jsonReader
	if next == '{' {
		if err := s.scan(&j, &doc); err != nil {
			return doc, err
		}
	}
	if next != '{' || j.depth > 0 || !s.list.known && j.kind == "" {
		return s.remains(doc.Text, doc.Line)
	}
	text := len(doc.Text)
	switch next, err = s.space(&doc); {
	case err != nil:
		return doc, err
	case next == ',':
		s.take(&gap, []byte{','})
	case next != ']': // which is left for the rest

		return s.remains(doc.Text, doc.Line)
	}
	doc.Text = doc.Text[:text]
	return s.taken(doc), nil
}

// space appends white space to doc and returns the byte behind it, 0 at the end.
func (s *splitter) space(doc *Document) (byte, error) {
	for {
		part, err := s.lines.Peek(1)
		switch {
		case len(part) == 0 && !errors.Is(err, io.EOF):
			return 0, fits(*doc, nil, err)
		case len(part) == 0:
			s.ended = true
			return 0, nil
		case bytes.IndexByte([]byte(" \t\r\n"), part[0]) < 0:
			return part[0], nil
		}
		if err := fits(*doc, part, nil); err != nil {
			return 0, err
		}
		s.take(doc, part)
	}
}
