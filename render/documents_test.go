package render

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
)

func split(t *testing.T, r io.Reader) (texts []string, lines []int) {
	t.Helper()
	for doc, err := range Documents(r) {
		if err != nil {
			t.Fatal(err)
		}
		if doc.Number != len(texts)+1 {
			t.Errorf("document %d has the number %d", len(texts)+1, doc.Number)
		}
		texts, lines = append(texts, string(doc.Text)), append(lines, doc.Line)
	}
	return texts, lines
}

func TestDocuments(t *testing.T) {
	t.Parallel()
	long := "a: " + strings.Repeat("x", 200_000) + "\n" // longer than what is read at a time
	tests := map[string]struct {
		in    string
		texts []string
		lines []int
	}{
		"none":               {"", nil, nil},
		"nothing but marks":  {"---\n\n# comment\n---\n...\n", nil, nil},
		"one":                {"a: 1\n", []string{"a: 1\n"}, []int{1}},
		"no newline":         {"a: 1", []string{"a: 1"}, []int{1}},
		"two":                {"a: 1\n---\nb: 2\n", []string{"a: 1\n", "---\nb: 2\n"}, []int{1, 2}},
		"empty between":      {"a: 1\n---\n---\n# c\n---\nb: 2\n", []string{"a: 1\n", "---\n---\n# c\n---\nb: 2\n"}, []int{1, 2}},
		"Windows":            {"a: 1\r\n---\r\nb: 2\r\n", []string{"a: 1\r\n", "---\r\nb: 2\r\n"}, []int{1, 2}},
		"end marks":          {"a: 1\n...\nb: 2\n", []string{"a: 1\n", "b: 2\n"}, []int{1, 3}},
		"content behind it":  {"a: 1\n--- {b: 2}\n", []string{"a: 1\n", "--- {b: 2}\n"}, []int{1, 2}},
		"directive":          {"%YAML 1.2\n---\na: 1\n", []string{"%YAML 1.2\n---\na: 1\n"}, []int{1}},
		"no mark":            {"a: |\n  ---\n  x\n----\n", []string{"a: |\n  ---\n  x\n----\n"}, []int{1}},
		"JSON after JSON":    {"{\"a\": 1}\n{\n \"b\": 2\n}\n\n{}\n", []string{"{\"a\": 1}\n", "{\n \"b\": 2\n}\n\n", "{}\n"}, []int{1, 2, 6}},
		"JSON in a sequence": {"[\n{a: 1},\n{b: 2}]\n", []string{"[\n{a: 1},\n{b: 2}]\n"}, []int{1}},
		"long lines":         {long + "---\n" + long, []string{long, "---\n" + long}, []int{1, 2}},
		"byte order mark":    {"\xef\xbb\xbfa: 1\n", []string{"a: 1\n"}, []int{1}},
		"UTF-16":             {utf16LE("a: ü\n---\nb: 2\n"), []string{"a: ü\n", "---\nb: 2\n"}, []int{1, 2}},
		"mark at the end":    {"a: 1\n---", []string{"a: 1\n"}, []int{1}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, r := range []io.Reader{strings.NewReader(test.in), iotest.OneByteReader(strings.NewReader(test.in))} {
				texts, lines := split(t, r)
				if !slices.Equal(texts, test.texts) || !slices.Equal(lines, test.lines) {
					t.Errorf("%q from lines %d, want %q from %d", texts, lines, test.texts, test.lines)
				}
			}
		})
	}
}

// endless is a line that does not end.
type endless struct{}

func (endless) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = 'x'
	}
	return len(p), nil
}

func TestDocumentsFail(t *testing.T) {
	t.Parallel()
	broken := errors.New("broken")
	tests := map[string]struct {
		in   io.Reader
		want string
	}{
		"reader":         {io.MultiReader(strings.NewReader("a: 1\n---\nb: "), iotest.ErrReader(broken)), "document 2, from line 2 on: broken"},
		"at once":        {iotest.ErrReader(broken), "document 1, from line 1 on: broken"},
		"endless line":   {endless{}, "document 1, from line 1 on: is over the limit of 67108864 bytes"},
		"endless UTF-16": {io.MultiReader(strings.NewReader("\xff\xfe"), endless{}), "a manifest in UTF-16 is over the limit of 67108864 bytes"},
		"many lines":     {io.LimitReader(lines{}, MaxDocument+1), "document 1, from line 1 on: is over the limit of 67108864 bytes"},
		"odd UTF-16":     {strings.NewReader("\xff\xfea"), "its byte order mark says UTF-16, which it is not"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var got error
			for _, err := range Documents(test.in) {
				if got != nil {
					t.Error("it goes on after an error")
				}
				got = err
			}
			if got == nil || got.Error() != test.want {
				t.Errorf("%v, want %s", got, test.want)
			}
		})
	}
}

// lines are lines without an end.
type lines struct{}

func (lines) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = "a: b\n"[i%5]
	}
	return len(p) / 5 * 5, nil
}

func TestIsManifest(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]bool{
		"apiVersion: v1\nkind: Secret\n":                    true,
		"# a comment\n---\nkind: Secret\napiVersion : v1\n": true,
		`{"kind":"List","apiVersion":"v1","items":[]}`:      true,
		`{kind: Secret, apiVersion: v1}`:                    true,
		"- apiVersion: v1\n":                                true,
		"\xef\xbb\xbfapiVersion: v1\n":                      true,
		utf16LE("apiVersion: v1\n"):                         true,
		"-----BEGIN CERTIFICATE-----\n":                     false,
		"the apiVersion of it":                              false,
		"myapiVersion: v1":                                  false,
		"":                                                  false,
		"\x30\x82\x01\x00apiVersion":                        false,
		strings.Repeat("# comment\n", 10_000) + "apiVersion: v1\nkind: x": false,
	} {
		if got := IsManifest([]byte(text)); got != want {
			t.Errorf("%.40q: %t", text, got)
		}
	}
}

func secretsIn(text string) ([]EncodedSecret, int, error) {
	return Document{Number: 1, Line: 1, Text: []byte(text)}.Secrets()
}

func TestSecrets(t *testing.T) {
	t.Parallel()
	const list = `{apiVersion: v1, kind: List, items: [%s]}`
	tests := map[string]struct {
		text   string
		names  string
		others int
	}{
		"Secret":                {"kind: Secret\nmetadata: {name: a}", "a", 0},
		"another kind":          {"kind: ConfigMap\nmetadata: {name: a}", "", 1},
		"no object":             {"- a\n", "", 1},
		"List":                  {fmt.Sprintf(list, "{kind: Secret, metadata: {name: a}}, {kind: Pod}, {kind: Secret, metadata: {name: b}}"), "a b", 1},
		"Lists in Lists":        {fmt.Sprintf(list, fmt.Sprintf(list, "{kind: Secret, metadata: {name: a}}")+", {kind: Secret, metadata: {name: b}}"), "a b", 0},
		"SecretList":            {"{kind: SecretList, items: [{metadata: {name: a}}]}", "a", 0},
		"List of no kind":       {fmt.Sprintf(list, "{metadata: {name: a}}"), "", 1},
		"items of another type": {"{kind: List, items: {a: b}}", "", 0},
		"alias":                 {"{kind: List, items: [&s {kind: Secret, metadata: {name: a}}, *s]}", "a a", 0},
		"empty before":          {"---\n# Source: empty.yaml\n---\nkind: Secret\nmetadata: {name: a}", "a", 0},
		"items of any kind":     {"{kind: Rack, items: [{kind: Secret, metadata: {name: a}}, {kind: Pod}]}", "a", 2},
		"wrong types":           {"{kind: Secret, metadata: [a], data: 7, type: {}}", "", 0},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			found, others, err := secretsIn(test.text)
			if err != nil {
				t.Fatal(err)
			}
			var names []string
			for _, s := range found {
				names = append(names, s.Name)
			}
			if got := strings.TrimSpace(strings.Join(names, " ")); got != test.names || others != test.others {
				t.Errorf("%q and %d others, want %q and %d", got, others, test.names, test.others)
			}
		})
	}
}

func TestSecretAsWritten(t *testing.T) {
	t.Parallel()
	found, _, err := secretsIn(`
apiVersion: v1
kind: Secret
metadata:
  name: web
  namespace: shop
  labels: {on: "yes", n: 1}
  annotations: {a: last}
type: kubernetes.io/tls
data:
  tls.crt: |
    YW
    I=
  tls.key:
  list: [a]
stringData: {x: &v y, z: *v}
`)
	if err != nil || len(found) != 1 {
		t.Fatal(found, err)
	}
	want := `{Name:web Namespace:shop Type:kubernetes.io/tls Labels:map[n:1 on:yes] Annotations:map[a:last] Data:map[tls.crt:YW
I=
 tls.key:] StringData:map[x:y z:y]}`
	if got := fmt.Sprintf("%+v", found[0]); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestSecretsFail(t *testing.T) {
	t.Parallel()
	laughs := "a0: &a0 " + strings.Repeat("x", 1000) + "\n"
	for i := range 10 {
		laughs += fmt.Sprintf("a%d: &a%d {kind: List, items: [%s]}\n", i+1, i+1, strings.TrimSuffix(strings.Repeat(fmt.Sprintf("*a%d, ", i), 10), ", "))
	}
	bomb := "secret: &s {kind: Secret, data: {tls.crt: " + strings.Repeat("x", 100_000) + "}}\n" +
		"kind: List\nitems: [" + strings.TrimSuffix(strings.Repeat("*s, ", 10_000), ", ") + "]\n"
	nested := strings.Repeat("{kind: List, items: [", 20) + strings.Repeat("]}", 20)
	tests := map[string]struct{ text, want string }{
		"not YAML":        {"a: [", "document 1, from line 1 on: line 1: did not find expected node content"},
		"secret alias":    {"a: *hunter2", "document 1, from line 1 on: an alias (*) has no anchor (&): a value that starts with * needs quotes"},
		"nested Lists":    {nested, "document 1, from line 1 on: Lists lie in each other deeper than 8 levels"},
		"alias bomb":      {bomb, "document 1, from line 1 on: its aliases make more than 8 times of what it holds"},
		"laughs":          {laughs + "kind: List\nitems: [*a6]\n", "document 1, from line 1 on: its aliases make more than 8 times of what it holds"},
		"alias to self":   {"&a {kind: List, items: [*a]}", "document 1, from line 1 on: Lists lie in each other deeper than 8 levels"},
		"key twice":       {"kind: Secret\ndata:\n  a: b\n  c: d\n  \"a\": e\n", `document 1, from line 1 on: line 5: the key "a" is there already, in line 3`},
		"two Secrets":     {"apiVersion: v1\nkind: Secret\napiVersion: v1\nkind: Secret\n", `document 1, from line 1 on: line 3: the key "apiVersion" is there already, in line 1, and 1 more are; is a line "---" missing between two objects?`},
		"by an alias":     {"x: &a y\nz: {y: 1, *a : 2}\n", `document 1, from line 1 on: line 2: the key "y" is there already, in line 2`},
		"something after": {"{kind: Pod}\n {kind: Secret}\n", "document 1, from line 1 on: line 1: did not find expected <document start>"},
		"many values":     {"a: [" + strings.Repeat(",", maxSeparators) + "]", fmt.Sprintf("document 1, from line 1 on: holds too many values: %d of the characters \",[{:\\n-\", at most %d are read", maxSeparators+2, maxSeparators)},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			found, _, err := secretsIn(test.text)
			if err == nil || err.Error() != test.want || found != nil {
				t.Errorf("%d Secrets, %v, want %s", len(found), err, test.want)
			}
		})
	}
}

// FuzzDocuments: splitting loses nothing, however the text comes in, and no document makes the reader fail
// otherwise than with an error.
func FuzzDocuments(f *testing.F) {
	for _, s := range []string{
		"", "---\n", "a: 1\n---\nb: 2", "%YAML 1.2\n---\na\n...\n# x\n", "{}\n{}\n", "kind: Secret\ndata: {a: YQ==}\n---\nkind: List\nitems: [&a {kind: Secret}, *a]\n",
		"\xff\xfea\x00", "\xef\xbb\xbf---", "&a {kind: List, items: [*a]}", "kind: SecretList\nitems:\n- metadata:\n    name: a\n",
		"---\n...\n#\n k",
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		var texts [][]byte
		for doc, err := range documentsIn(bytes.NewReader(in), false) {
			if err != nil {
				return
			}
			texts = append(texts, doc.Text)
			_, _, _ = doc.Secrets()
		}
		i := 0
		for doc, err := range documentsIn(iotest.OneByteReader(bytes.NewReader(in)), false) {
			if err != nil || i >= len(texts) || !bytes.Equal(doc.Text, texts[i]) {
				t.Fatalf("document %d is %q byte by byte, %v", i+1, doc.Text, err)
			}
			i++
		}
		if i != len(texts) {
			t.Errorf("%d documents byte by byte, %d at once", i, len(texts))
		}
		if bytes.HasPrefix(in, []byte("\xff\xfe")) || bytes.HasPrefix(in, []byte("\xfe\xff")) {
			return
		}
		// What is left out: a byte order mark, end marks, and at the end what holds nothing.
		var kept []byte
		for line := range bytes.Lines(bytes.TrimPrefix(in, []byte("\xef\xbb\xbf"))) {
			if !isMarker(line, "...") {
				kept = append(kept, line...)
			}
		}
		if all := bytes.Join(texts, nil); !bytes.HasPrefix(kept, all) {
			t.Fatalf("%q is not the start of %q", all, kept)
		}
	})
}
