package render

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"
)

// plainTexts are documents that are read without yaml.v3.
var plainTexts = []string{
	"a: b\n", "a: b", "---\na: b\n", "# a\n\n---\n  a : b # c\n\n  # d\n  c:  'd'   # e\n",
	"a:\n  b:\n  - c\n  -   d: e\n      f: \"g # h\"\n  -\n    i: j\n  - - k\n    - l\nm:\n    - 'n''o'\n    - p #q\n    - r: 's' \n",
	"a:b: c:d\n'e f': g#h\n\"i\": j k\n", "a: 1\nb: 1.5\nc: true\nd: no\ne: ~\nf: 2026-11-28\ng: <<\nh: 0x1f\n1: .inf\nnull: null\n<<: a\ni: \"\"\nj: ''\n",
	"a: b:c\nd: http://e/f?g=h&i#j\nk: l'm\nn: o\"p\nq: r, s:t\n",
}

// notPlain are documents that yaml.v3 must read, or that nobody can.
var notPlain = []string{
	"", "\n", "# a\n", "---\n", "a", "- a\n", "a:\n", "a:\nb: c\n", "a:\n- \n- b\n", "a: {}\n", "a: [b]\n", "a: &b c\n", "a: *b\n", "a: !c d\n", "a: |\n  b\n", "a: >-\n  b\n",
	"a: b\n  c\n", "a: \"b\n  c\"\n", "a: \"b\\n\"\n", "a: é\n", "a:\tb\n", "a: b\r\n", "? a\n: b\n", "a: b: c\n", "a: b:\n", "a: b\n- c\n", "a:\n  b: c\n d: e\n", "%YAML 1.2\n---\na: b\n",
	"a: b\n...\n", "... a: b\n", "a: b\n---\nc: d\n", "--- a: b\n", "a: 'b' c\n", "a: \"b\"c\n", "a: -1\n", "a: @b\n", "a:\n  - b\n c: d\n", "a:\n- b\n  c\n", "a:\n- b: c\n - d\n",
	strings.Repeat("a", maxKey+1) + ": b\n", "a:\n" + strings.Repeat("- ", maxDepth+1) + "b\n", "a: 'b\n", "a #b: c\n",
}

func TestPlainTree(t *testing.T) {
	t.Parallel()
	for _, text := range plainTexts {
		if !sameTree(t, []byte(text)) {
			t.Errorf("left to yaml.v3:\n%s", text)
		}
	}
	for _, text := range notPlain {
		if sameTree(t, []byte(text)) {
			t.Errorf("not left to yaml.v3:\n%s", text)
		}
	}
}

// FuzzBlockTree: what is read without yaml.v3 is what yaml.v3 reads.
func FuzzBlockTree(f *testing.F) {
	for _, text := range append(plainTexts, notPlain...) {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, text []byte) { sameTree(t, text) })
}

// sameTree reports whether a text is read without yaml.v3, and holds what comes out against what yaml.v3 reads, comments left out.
func sameTree(t *testing.T, text []byte) bool {
	t.Helper()
	got := plainTree(text)
	if got == nil {
		return false
	}
	dec := yaml.NewDecoder(bytes.NewReader(text))
	var doc yaml.Node
	if err := dec.Decode(&doc); err != nil || len(doc.Content) != 1 {
		t.Fatalf("read what yaml.v3 does not: %v\n%s", err, text)
	}
	if err := dec.Decode(new(yaml.Node)); !errors.Is(err, io.EOF) {
		t.Fatalf("passed over more: %v\n%s", err, text)
	}
	want := doc.Content[0]
	withoutComments(want)
	a, _ := json.MarshalIndent(got, "", " ")
	b, _ := json.MarshalIndent(want, "", " ")
	if !bytes.Equal(a, b) {
		t.Fatalf("%q is\n%s\nto yaml.v3\n%s", text, a, b)
	}
	return true
}

func withoutComments(n *yaml.Node) {
	n.HeadComment, n.LineComment, n.FootComment = "", "", ""
	for _, child := range n.Content {
		withoutComments(child)
	}
}
