package krm_test

import (
	"bytes"
	"reflect"
	"testing"

	"certgen/cmd/internal/krm"
	"certgen/render"
)

// inputs are lists whose items are hard to give back: texts of several lines, and comments.
func inputs() []string {
	const head = "apiVersion: config.kubernetes.io/v1\nkind: ResourceList\n"
	return []string{
		head + "items:\n- # c\n  a: |+\n    b\n\n      \n  c: >2\n      d\n- {e: \"f\n\n      g\"}\n",
		head + "items:\n- A: |\n\n\n   0",
	}
}

// TestGivenBack: items that are given back are read as what they were.
func TestGivenBack(t *testing.T) {
	t.Parallel()
	for _, text := range inputs() {
		list, given := givenBack(t, []byte(text))
		again, err := krm.Read(bytes.NewReader(given))
		if err != nil {
			t.Fatalf("%q: %v", given, err)
		}
		want, got := said(t, list), said(t, again)
		if len(got) == 0 || len(got) > len(want) || !reflect.DeepEqual(got, want[:len(got)]) { // what the functionConfig had is no item
			t.Errorf("%v after %v", got, want)
		}
	}
}

// givenBack reads a list and gives it back; nothing where it is none.
func givenBack(t *testing.T, text []byte) (krm.List, []byte) {
	t.Helper()
	list, err := krm.Read(bytes.NewReader(text))
	if err != nil {
		return list, nil
	}
	answer := krm.NewAnswer(list)
	answer.GiveBack()
	given, err := answer.Encode()
	if err != nil {
		t.Fatal(err)
	}
	return list, given
}

// FuzzRead: whatever is read, or not, can be given back.
func FuzzRead(f *testing.F) {
	for _, text := range inputs() {
		f.Add([]byte(text))
	}
	f.Add([]byte("{apiVersion: config.kubernetes.io/v1, kind: ResourceList, items: [[], 1, null, {a: &x 1, b: *x}], functionConfig: {apiVersion: cert-manager.io/v1, kind: Issuer}}"))
	f.Fuzz(func(t *testing.T, text []byte) { givenBack(t, text) })
}

// said is what the items of a list say.
func said(t *testing.T, list krm.List) (all []any) {
	for _, item := range list.Items {
		var value any
		object, err := render.Document{Text: item.Text}.Object()
		if err == nil {
			err = object.Convert(&value)
		}
		if err != nil {
			t.Fatalf("%q: %v", item.Text, err)
		}
		all = append(all, value)
	}
	return all
}
