package render

import "bytes"

// blockReader reads YAML in block style line by line, as far as that tells whether a line stands in a scalar or in a collection
// that began before it. It knows what programs write, and says so where it does not know a line.
type blockReader struct {
	quote  byte // of the scalar that the last line left open; 0 for none
	inText bool // whether lines behind column text are of a scalar without quotes
	text   int

	column     int    // of the key in the last line, -1 where it has none
	dashes     int    // before it
	key, value []byte // as they are; the value only where it is a scalar that the line ends
	empty      bool   // whether the value is not in the line
}

// indentation parts a line, without its end, from the spaces before it.
func indentation(line []byte) (column int, rest []byte) {
	line = bytes.TrimSuffix(line, []byte("\n"))
	line = bytes.TrimSuffix(line, []byte("\r"))
	rest = bytes.TrimLeft(line, " ")
	return len(line) - len(rest), rest
}

// isDash reports whether an item of a sequence begins.
func isDash(rest []byte) bool {
	return len(rest) > 0 && rest[0] == '-' && (len(rest) == 1 || rest[1] == ' ')
}

// read reports whether it understood a line.
func (b *blockReader) read(line []byte) bool {
	b.key, b.value, b.column, b.dashes, b.empty = nil, nil, -1, 0, false
	column, rest := indentation(line)
	if breaks(rest) {
		return false
	}
	if b.quote != 0 {
		return b.quoted(rest)
	}
	if len(rest) == 0 || b.inText && column > b.text {
		return true
	}
	b.inText = false
	if rest[0] == '#' {
		return true
	}
	parent := column
	for isDash(rest) {
		b.dashes++
		parent = column
		after := bytes.TrimLeft(rest[1:], " ")
		if isEnd(after) {
			return true
		}
		column += len(rest) - len(after)
		rest = after
	}
	key, value, isKey := cutKey(rest)
	if !isKey {
		return b.dashes > 0 && b.scalar(rest, parent)
	}
	b.key, b.column = key, column
	if value = bytes.TrimLeft(value, " "); isEnd(value) {
		b.empty = true
		return true
	}
	return b.scalar(value, column)
}

// breaks reports whether a line has what only YAML takes for the end of one.
func breaks(line []byte) bool {
	return bytes.IndexByte(line, '\r') >= 0 || bytes.Contains(line, []byte("\u0085")) || bytes.Contains(line, []byte("\u2028")) || bytes.Contains(line, []byte("\u2029"))
}

// isEnd reports whether nothing but a comment is left.
func isEnd(rest []byte) bool { return len(rest) == 0 || rest[0] == '#' }

// endsBehind is isEnd for what follows a value directly.
func endsBehind(rest []byte) bool {
	after := bytes.TrimLeft(rest, " ")
	return len(after) == 0 || after[0] == '#' && len(after) < len(rest)
}

// cutKey takes a key and its colon off.
func cutKey(rest []byte) (key, value []byte, ok bool) {
	switch c := rest[0]; {
	case c == '"' || c == '\'':
		end := closing(rest[1:], c)
		if end < 0 {
			return nil, nil, false
		}
		key, value = rest[1:1+end], rest[2+end:]
		return key, value[min(1, len(value)):], isColon(value)
	case !startsPlain(rest):
		return nil, nil, false
	}
	for from := 0; ; {
		i := bytes.IndexByte(rest[from:], ':')
		if i < 0 {
			return nil, nil, false
		}
		if i += from; isColon(rest[i:]) {
			key = bytes.TrimRight(rest[:i], " ")
			return key, rest[i+1:], !bytes.Contains(key, []byte(" #"))
		}
		from = i + 1
	}
}

// isColon reports whether rest begins with the colon behind a key.
func isColon(rest []byte) bool {
	return len(rest) > 0 && rest[0] == ':' && (len(rest) == 1 || rest[1] == ' ')
}

// startsPlain reports whether a scalar without quotes begins. A few that could be are left out.
func startsPlain(rest []byte) bool {
	return bytes.IndexByte([]byte("-?:,[]{}#&*!|>'\"%@`\t"), rest[0]) < 0
}

// scalar reads a value that has the rest of a line. What is behind the parent's column on the next lines may belong to it.
func (b *blockReader) scalar(rest []byte, parent int) bool {
	switch c := rest[0]; {
	case c == '"' || c == '\'':
		b.quote = c
		whole := rest[1:]
		if !b.quoted(whole) {
			return false
		}
		if b.quote == 0 {
			b.value = whole[:closing(whole, c)]
		}
		return true
	case c == '{' || c == '[':
		return flowEnds(rest)
	case c == '|' || c == '>':
		b.inText, b.text = true, parent
		return endsBehind(bytes.TrimLeft(rest[1:], "+-0123456789"))
	case !startsPlain(rest):
		return false
	}
	b.inText, b.text = true, parent
	b.value = rest
	if i := bytes.Index(rest, []byte(" #")); i >= 0 {
		b.value = rest[:i]
	}
	b.value = bytes.TrimRight(b.value, " ")
	return true
}

// quoted reads on in a scalar in quotes.
func (b *blockReader) quoted(rest []byte) bool {
	end := closing(rest, b.quote)
	if end < 0 {
		return true
	}
	b.quote = 0
	return endsBehind(rest[end+1:])
}

// closing is where a scalar in quotes ends, -1 where it does not.
func closing(text []byte, quote byte) int {
	for i := 0; i < len(text); i++ {
		switch {
		case text[i] == '\\' && quote == '"':
			i++
		case text[i] != quote:
		case quote == '\'' && i+1 < len(text) && text[i+1] == '\'':
			i++
		default:
			return i
		}
	}
	return -1
}

// flowEnds reports whether a collection in braces or brackets ends in the line that it begins in, with nothing behind it.
func flowEnds(rest []byte) bool {
	depth, before := 0, byte(',')
	for i := 0; i < len(rest); i++ {
		c := rest[i]
		switch c {
		case ' ':
			continue
		case '{', '[':
			depth++
		case '}', ']':
			if depth--; depth == 0 {
				return endsBehind(rest[i+1:])
			}
		case '"', '\'':
			if bytes.IndexByte([]byte("{[,:"), before) < 0 {
				return false
			}
			end := closing(rest[i+1:], c)
			if end < 0 {
				return false
			}
			i += end + 1
		case '#', '&', '*', '!', '?', '|', '>', '%', '@', '`', '\t':
			return false
		}
		before = c
	}
	return false
}
