package render

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"iter"

	"certgen/certs/pki"
)

// MaxDocument is the most that one document of a manifest may have, in bytes, where documents are read one by one: 64 MiB.
// A List of everything that `kubectl get secrets -A -o yaml` finds is one document; 10,000 TLS Secrets have about 50 MB.
const MaxDocument = 64 << 20

// sniffed is how many bytes tell a manifest from something else.
const sniffed = 64 << 10

// Document is one of the documents of a manifest, as text.
type Document struct {
	Number int // counted from 1
	Line   int // where it starts, counted from 1
	Text   []byte
}

// IsManifest reports whether the start of a file, of which the first 64 KiB count, looks like Kubernetes objects: a key "apiVersion"
// in YAML of any style, or in JSON.
func IsManifest(start []byte) bool {
	start = start[:min(len(start), sniffed)]
	if text, err := pki.UTF8(start[:len(start)/2*2]); err == nil { // a cut may leave half a UTF-16 character
		start = text
	}
	return namesKey(start, "apiVersion")
}

// namesKey looks for a word that a colon follows and that stands where a key may.
func namesKey(text []byte, key string) bool {
	for {
		before, after, found := bytes.Cut(text, []byte(key))
		if !found {
			return false
		}
		starts := len(before) == 0 || bytes.IndexByte([]byte(" \t\r\n{,\"'-"), before[len(before)-1]) >= 0
		after = bytes.TrimLeft(bytes.TrimLeft(after, "\"'"), " \t\r\n")
		if starts && len(after) > 0 && after[0] == ':' {
			return true
		}
		text = text[len(before)+len(key):]
	}
}

// Documents reads a manifest document by document, of which it holds one at a time. They are parted by lines that start with
// "---", as Kubernetes parts them, or that are "..."; JSON objects may simply follow each other. Documents that hold nothing are left
// out. What has a UTF-16 byte order mark is held as a whole. After an error, which is the reader's or says that a document is over
// [MaxDocument], there is nothing more.
func Documents(r io.Reader) iter.Seq2[Document, error] {
	return func(yield func(Document, error) bool) {
		lines, err := inUTF8(bufio.NewReaderSize(r, sniffed))
		if err != nil {
			yield(Document{}, err)
			return
		}
		s := splitter{lines: lines}
		for {
			doc, err := s.next()
			if errors.Is(err, io.EOF) || !yield(doc, err) || err != nil {
				return
			}
		}
	}
}

// inUTF8 takes a byte order mark off.
func inUTF8(r *bufio.Reader) (*bufio.Reader, error) {
	switch mark, _ := r.Peek(3); { // its error, if it lasts, is that of the first line
	case bytes.HasPrefix(mark, []byte("\xef\xbb\xbf")):
		_, err := r.Discard(3)
		return r, err
	case !bytes.HasPrefix(mark, []byte("\xff\xfe")) && !bytes.HasPrefix(mark, []byte("\xfe\xff")):
		return r, nil
	}
	data, err := io.ReadAll(io.LimitReader(r, MaxDocument+1))
	if err == nil && len(data) > MaxDocument {
		err = fmt.Errorf("a manifest in UTF-16 is over the limit of %d bytes", MaxDocument)
	}
	if err == nil {
		data, err = pki.UTF8(data)
	}
	return bufio.NewReader(bytes.NewReader(data)), err
}

// splitter cuts documents off a stream.
type splitter struct {
	lines    *bufio.Reader
	carry    []byte // a line that was read already: it starts the next document
	read     int    // lines before carry
	document int
	size     int // of the last document
	ended    bool
}

// next returns the next document that holds anything, [io.EOF] where there is none.
func (s *splitter) next() (Document, error) {
	doc := Document{Number: s.document + 1, Line: s.read + 1, Text: make([]byte, 0, s.size)}
	holds, closed := false, false // whether there is more than comments and directives; whether the last line ends in "}"
	for !s.ended {
		line, err := s.line()
		if len(doc.Text)+len(line) > MaxDocument {
			err = fmt.Errorf("is over the limit of %d bytes", MaxDocument)
		}
		if err != nil && !errors.Is(err, io.EOF) {
			return doc, fmt.Errorf("document %d, from line %d on: %w", doc.Number, doc.Line, err)
		}
		if holds && (isMarker(line, "---") || closed && bytes.HasPrefix(line, []byte("{"))) {
			s.carry = line
			break
		}
		s.read++
		s.ended = err != nil
		if isMarker(line, "...") {
			if holds {
				break
			}
			continue
		}
		doc.Text = append(doc.Text, line...)
		if text := bytes.TrimSpace(line); len(text) > 0 {
			holds = holds || text[0] != '#' && line[0] != '%' && !bytes.Equal(text, []byte("---"))
			closed = text[len(text)-1] == '}'
		}
	}
	if !holds {
		return doc, io.EOF
	}
	s.document++
	s.size = min(len(doc.Text), sniffed) // documents of one manifest are often alike
	return doc, nil
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
