package render

import (
	"bytes"

	"gopkg.in/yaml.v3"
)

// blockTree makes yaml.v3's nodes of YAML in plain block style, which nearly all manifests are in, many times faster: yaml.v3 takes a
// third of the time of issuing for a Certificate of twenty lines. What it does not know, from flow style to whatever is not ASCII, and
// what is wrong, is for yaml.v3, which FuzzBlockTree holds it against.
type blockTree struct {
	rest   []byte // behind the line
	line   int    // counted from 1
	column int    // of text, counted from 0
	text   []byte // what is left of the line, without the spaces before it; nil at the end of the document
	depth  int
	unused []yaml.Node
}

// plainTree reads a document; nil where yaml.v3 must. Comments are left out.
func plainTree(text []byte) *yaml.Node {
	for _, c := range text {
		if (c < ' ' || c > '~') && c != '\n' {
			return nil
		}
	}
	b := &blockTree{rest: text, unused: make([]yaml.Node, 2*bytes.Count(text, []byte("\n"))+8)}
	b.next()
	if b.column == 0 && string(b.text) == "---" {
		b.next()
	}
	if len(b.text) == 0 || isDash(b.text) {
		return nil
	}
	if tree := b.mapping(); b.text == nil {
		return tree
	}
	return nil
}

// next goes on to the next line that says something.
func (b *blockTree) next() {
	for len(b.rest) > 0 {
		line, rest, _ := bytes.Cut(b.rest, []byte("\n"))
		b.rest = rest
		b.line++
		if b.column, b.text = indentation(line); len(b.text) > 0 && b.text[0] != '#' {
			return
		}
	}
	b.column, b.text = -1, nil
}

// cut goes on in the line, to what is left of it.
func (b *blockTree) cut(left []byte) {
	b.column += len(b.text) - len(left)
	b.text = left
}

// node is a new one at the place that is read. Most lines have a key and a value.
func (b *blockTree) node(kind yaml.Kind, tag string) *yaml.Node {
	if len(b.unused) == 0 {
		b.unused = make([]yaml.Node, 16)
	}
	n := &b.unused[0]
	b.unused = b.unused[1:]
	n.Kind, n.Tag, n.Line, n.Column = kind, tag, b.line, b.column+1
	return n
}

// mapping reads the mapping of which the first key comes next; nil, as from all that read on, where yaml.v3 must.
func (b *blockTree) mapping() *yaml.Node {
	column := b.column
	n := b.node(yaml.MappingNode, "!!map")
	for b.text != nil && b.column == column && !isDash(b.text) {
		written, left, ok := cutKey(b.text)
		if !ok || len(written) >= maxKey-len(`"":`) || column == 0 && isMarker(b.text, "...") {
			return nil
		}
		key := b.scalar(b.text[:len(b.text)-len(left)-1])
		if key == nil {
			return nil
		}
		b.cut(bytes.TrimLeft(left, " "))
		value := b.value(column, true)
		if value == nil {
			return nil
		}
		n.Content = append(n.Content, key, value)
	}
	return n
}

// sequence reads the sequence of which the first dash comes next.
func (b *blockTree) sequence() *yaml.Node {
	column := b.column
	n := b.node(yaml.SequenceNode, "!!seq")
	for b.text != nil && b.column == column && isDash(b.text) {
		b.cut(bytes.TrimLeft(b.text[1:], " "))
		item := b.value(column, false)
		if item == nil {
			return nil
		}
		n.Content = append(n.Content, item)
	}
	return n
}

// value reads what stands behind a key or a dash in the given column, and goes on to the next line.
func (b *blockTree) value(column int, ofKey bool) *yaml.Node {
	if b.depth++; b.depth > maxDepth {
		return nil
	}
	defer func() { b.depth-- }()
	if isEnd(b.text) {
		b.next()
		switch {
		case b.column > column && !isDash(b.text):
			return b.block()
		case b.column > column, b.column == column && ofKey && isDash(b.text):
			return b.sequence()
		}
		return nil // a null
	}
	if !ofKey {
		if isDash(b.text) {
			return b.sequence()
		}
		if _, _, isKey := cutKey(b.text); isKey {
			return b.mapping()
		}
	}
	return b.last(column)
}

// block reads a mapping.
func (b *blockTree) block() *yaml.Node {
	if _, _, isKey := cutKey(b.text); !isKey {
		return nil
	}
	return b.mapping()
}

// last reads a scalar that ends its line, of which no more stands in the next.
func (b *blockTree) last(column int) *yaml.Node {
	n := b.scalar(b.text)
	if b.next(); b.column > column {
		return nil
	}
	return n
}

// scalar makes a node of a text that may end in a comment.
func (b *blockTree) scalar(text []byte) *yaml.Node {
	n := b.node(yaml.ScalarNode, "")
	switch c := text[0]; {
	case c == '"' || c == '\'':
		end := closing(text[1:], c)
		if end < 0 || !endsBehind(text[end+2:]) {
			return nil
		}
		text = text[1 : end+1]
		n.Tag, n.Style = "!!str", yaml.DoubleQuotedStyle
		if c == '\'' {
			n.Style = yaml.SingleQuotedStyle
			text = bytes.ReplaceAll(text, []byte("''"), []byte("'"))
		} else if bytes.IndexByte(text, '\\') >= 0 {
			return nil
		}
		n.Value = string(text)
		return n
	case !startsPlain(text):
		return nil
	}
	if i := bytes.Index(text, []byte(" #")); i >= 0 {
		text = text[:i]
	}
	text = bytes.TrimRight(text, " ")
	if text[len(text)-1] == ':' || bytes.Contains(text, []byte(": ")) {
		return nil
	}
	n.Value = string(text)
	switch {
	case n.Value == "<<":
		n.Tag = "!!merge"
	case isSurelyText(n.Value):
		n.Tag = "!!str"
	default:
		n.Tag = n.ShortTag()
	}
	return n
}

// isSurelyText finds most texts faster than yaml.v3: words, and the durations that every Certificate has.
func isSurelyText(s string) bool {
	first, last := s[0]|0x20, s[len(s)-1]
	return 'a' <= first && first <= 'z' && !isWord(s) || last == 'h' || last == 'm' || last == 's'
}
