package render

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"iter"
	"path"
	"slices"
	"strings"

	"certgen/certs/pki"
)

// MaxDocument is the most that is held of a manifest at a time, in bytes: 64 MiB. That is a document, or an item of a List. A List
// in a form that is not taken apart is one document: 10,000 TLS Secrets have about 50 MB.
const MaxDocument = 64 << 20

// sniffed is how many bytes tell a manifest from something else.
const sniffed = 64 << 10

// Document is one of the documents of a manifest, or an item of a List in it, as text.
type Document struct {
	Number int    // of the document, counted from 1
	Line   int    // where it starts, counted from 1
	Path   string // of an item of a List, such as "items[3]", counted from 0; empty for a document
	Text   []byte

	kind string // of an item, where it does not say itself
	// Where items were taken out of a List: after head lines of Text, gap lines of the manifest are missing.
	head, gap int
}

// Separate makes the text of a document one that may follow another: begun by "---" and ended by a newline.
func Separate(text []byte) []byte {
	if !isMarker(text, "---") {
		text = append([]byte("---\n"), text...)
	}
	if !bytes.HasSuffix(text, []byte("\n")) {
		text = append(text, '\n')
	}
	return text
}

// line is where a line of Text is in the manifest.
func (d Document) line(n int) int {
	if n > d.head {
		n += d.gap
	}
	return d.Line + n - 1
}

// LineOf is the line of the manifest where an entry of the document stands, or else where the document starts.
func (d Document) LineOf(key string) int {
	for n, line := range bytes.Split(d.Text, []byte("\n")) {
		name, _, ok := bytes.Cut(line, []byte(":"))
		if ok && strings.Trim(string(name), " \t-{\"'") == key {
			return d.line(n + 1)
		}
	}
	return d.Line
}

// depth is how many Lists the document lies in.
func (d Document) depth() int {
	if d.Path == "" {
		return 0
	}
	return 1
}

// problem puts the place before an error.
func (d Document) problem(err error) error {
	if d.Path != "" {
		err = fmt.Errorf("%s: %w", d.Path, err)
	}
	return fmt.Errorf("document %d, from line %d on: %w", d.Number, d.Line, err)
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

// Extensions are those of the files that hold manifests: kubectl's.
func Extensions() []string { return []string{".yaml", ".yml", ".json"} }

// NamesManifest reports whether a path is called as the files of manifests are.
func NamesManifest(name string) bool {
	return slices.Contains(Extensions(), strings.ToLower(path.Ext(name)))
}

// LooksLikeObject reports whether the start of the document, of which the first 64 KiB count, has keys "apiVersion" and "kind". Parsing
// it says more, and takes longer.
func (d Document) LooksLikeObject() bool {
	start := d.Text[:min(len(d.Text), sniffed)]
	return namesKey(start, "apiVersion") && namesKey(start, "kind")
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
//
// A List, which is whatever has "items", comes item by item, each as if it were a document, and then as a List without them. It is
// one in JSON, or in YAML with one item below the other. In another form, or with anchors, it comes whole, or what is left of it does.
func Documents(r io.Reader) iter.Seq2[Document, error] { return documentsIn(r, true) }

// documentsIn leaves Lists whole where it is not told to take them apart.
func documentsIn(r io.Reader, apart bool) iter.Seq2[Document, error] {
	return func(yield func(Document, error) bool) {
		lines, err := inUTF8(bufio.NewReaderSize(r, sniffed))
		if err != nil {
			yield(Document{}, err)
			return
		}
		s := splitter{lines: lines, apart: apart}
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
