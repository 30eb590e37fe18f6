package render

import (
	"bytes"
	"io"
	"reflect"
	"strings"
	"testing"
	"testing/iotest"
)

// lists are Lists in the forms that programs write and people might.
func lists() map[string]string {
	secret := func(name string) string {
		return "apiVersion: v1\n  data:\n    tls.crt: TFM=\n  kind: Secret\n  metadata:\n    annotations:\n      a: |\n        - apiVersion: \"v1\n      b: \"- x: \\\"\n\n- apiVersion: v1\n\"\n      c: it's\n        - \"plain\n    labels: {}\n    finalizers:\n    - a\n    - b: c\n    name: " + name + "\n"
	}
	flow := func(name string) string {
		return `{"kind":"Secret","metadata":{"name":"` + name + `"},"data":{"a":"\"}]"}}`
	}
	return map[string]string{
		"kubectl":       "apiVersion: v1\nitems:\n- " + secret("a") + "- " + secret("b") + "kind: List\nmetadata:\n  resourceVersion: \"\"\n",
		"kind first":    "kind: SecretList\nitems:\n- metadata:\n    name: a\n- data: {}\n  metadata:\n    name: b\n",
		"indented":      "# c\n---\nkind: List # d\nitems: # e\n\n  # f\n  - kind: Secret\n    metadata: {name: a}\n# g\n  -\n    kind: Secret\n    metadata: {name: b}\n---\nkind: Secret\n",
		"flow items":    "kind: List\nitems:\n- " + flow("a") + "\n- " + flow("b") + "\n",
		"kind last":     "items:\n- metadata:\n    name: a\n- metadata:\n    name: b\nkind: SecretList\n",
		"mixed kinds":   "items:\n- kind: Secret\n  metadata:\n    name: a\n- metadata:\n    name: b\nkind: SecretList\n",
		"anchors":       "kind: List\nitems:\n- kind: Secret\n  metadata: {name: x}\n- kind: Secret\n  metadata: &m\n    name: a\n- kind: Secret\n  metadata: *m\n",
		"open flow":     "kind: List\nitems:\n- {kind: Secret,\n- x}\n- kind: Secret\n",
		"Windows":       "kind: List\r\nitems:\r\n- kind: Secret\r\n  metadata:\r\n    name: a\r\n- kind: Pod\r\n",
		"UTF-16":        utf16LE("kind: List\nitems:\n- kind: Secret\n- kind: Secret\n"),
		"carriage":      "kind: List\nitems:\n- kind: Secret\r- kind: Secret\n- kind: Pod\n",
		"JSON":          "{\n \"apiVersion\": \"v1\",\n \"items\": [\n  " + flow("a") + ",\n  " + flow("b") + "\n ],\n \"kind\": \"List\"\n}\n{\"kind\":\"Secret\"}\n",
		"JSON one line": `{"kind":"SecretList","items":[{"metadata":{"name":"a"}},{"metadata":{"name":"b","x":[1,true,null,-2e+3]}}],"metadata":{}}`,
		"JSON last":     `{"items":[{"metadata":{"name":"a"}},{"metadata":{"name":"b"}}],"kind":"SecretList"}`,
		"JSON empty":    `{"kind":"List","items":[]}`,
		"flow":          "{kind: List, items: [{kind: Secret}, # c\n &a {kind: Secret}, *a, ]}",
		"flow quotes":   "{\"kind\": List, \"items\": [{kind: Secret, a: b\"c}, {kind: Secret, a: 'd'}]}",
		"nulls":         "kind: SecretList\nitems:\n-\n- ~\n- a\n- []\n",
		"no List":       "kind: Rack\nitems:\n- kind: Secret\n- kind: Pod\n",
		"a Secret":      "items:\n- kind: Secret\n  metadata: {name: a}\nkind: Secret\nmetadata: {name: b}\n",
		"key twice":     "items:\n- kind: Secret\nkind: List\nitems:\n- kind: Secret\n",
		"bad item":      "items:\n- kind: Secret\n- kind: Secret\n\ttab: x\n- kind: Secret\nkind: List\n",
		"bad tail":      "items:\n- kind: Secret\n|\n x\n",
		"bad indent":    "items:\n  - kind: Secret\n x: y\n",
		"two Lists":     "kind: List\nitems:\n- kind: Secret\n---\nkind: List\nitems:\n- kind: Secret\n...\nitems:\n- kind: Secret\n",
		"list of lists": "kind: List\nitems:\n- kind: List\n  items:\n  - kind: Secret\n  - kind: Pod\n",
		"deep":          strings.Repeat(`{"kind":"List","items":[`, 8) + `{"kind":"Secret"}` + strings.Repeat("]}", 8),
		"too deep":      strings.Repeat(`{"kind":"List","items":[`, 9) + `{"kind":"Secret"}` + strings.Repeat("]}", 9),
	}
}

// taken is what is read of a manifest.
type taken struct {
	found          []EncodedSecret
	others, errors int
	documents      int
}

func take(r io.Reader, apart bool) (all taken) {
	for doc, err := range documentsIn(r, apart) {
		all.documents++
		if err != nil {
			all.errors++
			continue
		}
		found, others, err := doc.Secrets()
		if err != nil {
			all.errors++
		}
		all.found, all.others = append(all.found, found...), all.others+others
	}
	return all
}

// checkApart compares what is read item by item with what is read as a whole. Damage to one is damage to the other.
func checkApart(t *testing.T, in []byte) taken {
	t.Helper()
	whole, apart := take(bytes.NewReader(in), false), take(bytes.NewReader(in), true)
	if (whole.errors > 0) != (apart.errors > 0) {
		t.Fatalf("%d errors as a whole, %d item by item\n%q", whole.errors, apart.errors, in)
	}
	if whole.errors == 0 && (whole.others != apart.others || !reflect.DeepEqual(whole.found, apart.found)) {
		t.Fatalf("as a whole\n%+v and %d others, item by item\n%+v and %d others\n%q", whole.found, whole.others, apart.found, apart.others, in)
	}
	if slowly := take(iotest.OneByteReader(bytes.NewReader(in)), true); !reflect.DeepEqual(slowly, apart) {
		t.Fatalf("byte by byte\n%+v, at once\n%+v\n%q", slowly, apart, in)
	}
	return apart
}

func TestLists(t *testing.T) {
	t.Parallel()
	for name, text := range lists() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			checkApart(t, []byte(text))
		})
	}
	// In these forms, items are no longer held together.
	for name, want := range map[string]int{
		"kubectl": 3, "kind first": 3, "indented": 4, "flow items": 3, "Windows": 3, "UTF-16": 3, "JSON": 4, "JSON one line": 3,
		"kind last": 1, "mixed kinds": 2, "anchors": 2, "JSON last": 1, "JSON empty": 1, "flow": 1, "no List": 1, "a Secret": 2, "list of lists": 2,
	} {
		if got := take(strings.NewReader(lists()[name]), true); got.documents != want {
			t.Errorf("%s comes in %d parts, want %d", name, got.documents, want)
		}
	}
}

// TestListPlaces: what is wrong in a List is said with its line in the manifest.
func TestListPlaces(t *testing.T) {
	t.Parallel()
	const item = "- kind: Secret\n  metadata:\n    name: a\n"
	tests := map[string]struct{ text, want string }{
		"item":       {"# c\nitems:\n" + item + item + "  metadata: {}\n" + item + "kind: List\n", `document 1, from line 6 on: items[1]: line 9: the key "metadata" is there already, in line 7`},
		"behind":     {"kind: List\nitems:\n" + item + item + "metadata: {}\nkind: List\n", `document 1, from line 1 on: line 10: the key "kind" is there already, in line 1; is a line "---" missing between two objects?`},
		"not known":  {"kind: List\nitems:\n" + item + item + "  x: &a b\n  x: c\n", `document 1, from line 1 on: line 10: the key "x" is there already, in line 9`},
		"JSON item":  {"{\"kind\": \"List\", \"items\": [\n{\"kind\": \"Secret\"}, {\n\"kind\": \"Secret\",\n\"kind\": 7}]}\n", `document 1, from line 2 on: items[1]: line 4: the key "kind" is there already, in line 3`},
		"JSON after": {"{\"items\": [\n{\"kind\": \"Secret\"}\n],\n\"kind\": \"List\", \"items\": []}\n", `document 1, from line 1 on: line 4: the key "items" is there already, in line 1`},
		"second":     {"a: b\n---\nitems:\n- kind: Secret\n  x: a: b\n", "document 2, from line 4 on: items[0]: line 5: mapping values are not allowed in this context"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var got []string
			for doc, err := range Documents(strings.NewReader(test.text)) {
				if err == nil {
					_, _, err = doc.Secrets()
				}
				if err != nil {
					got = append(got, err.Error())
				}
			}
			if len(got) != 1 || got[0] != test.want {
				t.Errorf("%q, want %s", got, test.want)
			}
		})
	}
}

// TestListOverLimit: a List may be larger than what is held at a time.
func TestListOverLimit(t *testing.T) {
	t.Parallel()
	const items = 10
	long := strings.Repeat("x", MaxDocument/8)
	for name, in := range map[string]string{
		"YAML": "items:\n" + strings.Repeat("- kind: Secret\n  a: "+long+"\n", items) + "kind: List\n",
		"JSON": `{"items":[` + strings.TrimSuffix(strings.Repeat(`{"kind":"Secret","a":"`+long+`"},`, items), ",") + `],"kind":"List"}`,
	} {
		parts := 0
		for _, err := range Documents(strings.NewReader(in)) {
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			parts++
		}
		if parts != items+1 {
			t.Errorf("%s: %d parts, want %d", name, parts, items+1)
		}
	}
}

// FuzzLists: what is read item by item is what is read as a whole.
func FuzzLists(f *testing.F) {
	for _, text := range lists() {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, in []byte) { checkApart(t, in) })
}
