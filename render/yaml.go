package render

import (
	"fmt"
	"slices"
)

// maxKey is how many bytes a key on one line may have: YAML 1.1 and 1.2 end the search for its ":" after 1024 characters
// (https://yaml.org/spec/1.2.2/#742-flow-mappings, "implicit keys"). Kubernetes has no key above 317.
const maxKey = 1024

// documents writes YAML in block style, by itself: yaml.v3's encoder takes two thirds of the time of bare issuing for one TLS
// Secret (BenchmarkSecret has both), and writes a node's "no" without the quotes that kubectl needs. What that leaves to write by
// hand is three shapes; the tests read them with yaml.v3 and with kubectl's reader.
func documents(trees []node) ([]byte, error) {
	var out []byte
	for _, tree := range trees {
		out = slices.Grow(out, tree.size())
		out = append(out, "---\n"...) // the first one has it too, so that what is appended to a file (>>) stays a document of its own
		var err error
		if out, err = appendMapping(out, tree, 0, false); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// appendMapping writes the entries of n, each on a line of its own at indent. The first one goes on where dst ends if inline.
func appendMapping(dst []byte, n node, indent int, inline bool) ([]byte, error) {
	for i, item := range n.items {
		if i > 0 || !inline {
			dst = appendSpaces(dst, indent)
		}
		start := len(dst)
		dst = appendKey(dst, n.keys[i])
		if length := len(dst) - start; length > maxKey {
			return nil, fmt.Errorf("a key is %d bytes long, more than the %d that YAML reads on one line", length, maxKey)
		}
		dst = append(dst, ':')
		var err error
		switch {
		case len(item.items) == 0:
			dst = appendScalar(append(dst, ' '), item, indent+2)
		case item.kind == mapping:
			dst, err = appendMapping(append(dst, '\n'), item, indent+2, false)
		default:
			dst, err = appendSequence(append(dst, '\n'), item, indent, false)
		}
		if err != nil {
			return nil, err
		}
	}
	return dst, nil
}

// appendSequence writes the items of n with their dashes at indent: below a key that is the key's own column, as kubectl has it.
func appendSequence(dst []byte, n node, indent int, inline bool) ([]byte, error) {
	for i, item := range n.items {
		if i > 0 || !inline {
			dst = appendSpaces(dst, indent)
		}
		dst = append(dst, "- "...)
		var err error
		switch {
		case len(item.items) == 0:
			dst = appendScalar(dst, item, indent+2)
		case item.kind == mapping:
			dst, err = appendMapping(dst, item, indent+2, true)
		default:
			dst, err = appendSequence(dst, item, indent+2, true)
		}
		if err != nil {
			return nil, err
		}
	}
	return dst, nil
}

// appendScalar writes what has no items, with the newline after it. Lines of a block stand at indent.
func appendScalar(dst []byte, n node, indent int) []byte {
	switch {
	case n.kind == null:
		dst = append(dst, "null"...)
	case n.kind == literal:
		dst = append(dst, n.value...)
	case n.kind == sequence:
		dst = append(dst, "[]"...)
	case n.kind == mapping:
		dst = append(dst, "{}"...)
	case n.value != "" && n.coded && !isWord(n.value) && !isNumber(n.value), !n.coded && isPlain(n.value):
		dst = append(dst, n.value...)
	case isBlock(n.value):
		return appendBlock(dst, n.value, indent)
	default:
		dst = appendQuoted(dst, n.value)
	}
	return append(dst, '\n')
}

func appendKey(dst []byte, key string) []byte {
	if isPlain(key) {
		return append(dst, key...)
	}
	return appendQuoted(dst, key)
}

func appendSpaces(dst []byte, n int) []byte {
	for range n {
		dst = append(dst, ' ')
	}
	return dst
}
