package render

import "testing"

// setIn sets a/b/"c.d/e" to "new".
func setIn(t *testing.T, text string) (string, error) {
	t.Helper()
	o, err := Document{Line: 1, Text: []byte(text)}.Object()
	if err != nil {
		t.Fatal(err)
	}
	out, err := o.With("new", "a", "b", "c.d/e")
	return string(out), err
}

// TestWith: what is there stays byte for byte, whatever the style.
func TestWith(t *testing.T) {
	for name, c := range map[string]struct{ in, want string }{
		"nothing there":          {"kind: X # x\na:\n  z: 1\n", "kind: X # x\na:\n  b:\n    c.d/e: \"new\"\n  z: 1\n"},
		"comments stay":          {"a: # x\n  # y\n  b:   # z\n    # of f\n    f: 1\n", "a: # x\n  # y\n  b:   # z\n    c.d/e: \"new\"\n    # of f\n    f: 1\n"},
		"nothing behind":         {"a:\n  b:", "a:\n  b:\n    c.d/e: \"new\"\n"},
		"Windows' line ends":     {"a:\r\n    b:\r\n        f: 1\r\n", "a:\r\n    b:\r\n        c.d/e: \"new\"\r\n        f: 1\r\n"},
		"flow":                   {"a: {b: {f: 'ü'}, g: 1} # x\n", "a: {b: {\"c.d/e\": \"new\", f: 'ü'}, g: 1} # x\n"},
		"flow behind umlauts":    {"{ü: ä, a: {}}", "{ü: ä, a: {\"b\": {\"c.d/e\": \"new\"}}}"},
		"JSON":                   {`{"z":1,"a":{"b":{}}}`, `{"z":1,"a":{"b":{"c.d/e": "new"}}}`},
		"replaced":               {"a:\n  b: {c.d/e: old, f: 1}\n", "a:\n  b: {c.d/e: new, f: 1}\n"},
		"replaced in quotes":     {"a:\n  b:\n    c.d/e: 'old' # x\n", "a:\n  b:\n    c.d/e: 'new' # x\n"},
		"the same":               {"a: {b: {\"c.d/e\": \"new\"}}\n", "a: {b: {\"c.d/e\": \"new\"}}\n"},
		"null, encoded anew":     {"a:  {b: ~}\n", "---\na: {b: {c.d/e: new}}\n"},
		"an alias, encoded anew": {"z: &z {f: 1}\na:   {b: *z}\n", "---\nz: &z {f: 1}\na: {b: {f: 1, c.d/e: new}}\n"},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := setIn(t, c.in)
			if err != nil || got != c.want {
				t.Errorf("%q, %v; want %q", got, err, c.want)
			}
		})
	}
}

// TestWithMerged: a mapping of one's own would hide what is merged.
func TestWithMerged(t *testing.T) {
	if got, err := setIn(t, "z: &z {b: {f: 1}}\na: {<<: *z}\n"); err == nil {
		t.Errorf("%q", got)
	}
}

// FuzzWith: whatever the text, its object says afterwards what it said, and the new string.
func FuzzWith(f *testing.F) {
	f.Add("a:\n  b: {f: 1}\n")
	f.Add("? a\n: !!map\n  b: &x\n    c.d/e: >-\n      old\n")
	f.Fuzz(func(t *testing.T, text string) {
		o, err := Document{Line: 1, Text: []byte(text)}.Object()
		if err != nil || o.node == nil {
			return
		}
		var before map[string]any
		if o.node.Decode(&before) != nil {
			return // a key that is there twice, or no mapping
		}
		out, err := o.With("new", "a", "b", "c.d/e")
		if err != nil {
			return
		}
		again, err := Document{Line: 1, Text: out}.Object()
		if err != nil || again.Kind != o.Kind {
			t.Fatalf("%q: %v", out, err)
		}
		var all map[string]any
		if err := again.node.Decode(&all); err != nil || all["a"].(map[string]any)["b"].(map[string]any)["c.d/e"] != "new" {
			t.Fatalf("%q: %v", out, all)
		}
	})
}
