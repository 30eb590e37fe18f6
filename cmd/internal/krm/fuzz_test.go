package krm_test

import (
	"bytes"
	"reflect"
	"testing"

	"certgen/cmd/internal/krm"
	"certgen/render"
)

// FuzzRead: items that are given back are read as what they were.
func FuzzRead(f *testing.F) {
	f.Add([]byte("apiVersion: config.kubernetes.io/v1\nkind: ResourceList\nitems:\n- # c\n  a: |+\n    b\n\n      \n  c: >2\n      d\n- {e: \"f\n\n      g\"}\n"))
	f.Add([]byte("{apiVersion: config.kubernetes.io/v1, kind: ResourceList, items: [[], 1, null, {a: &x 1, b: *x}], functionConfig: {apiVersion: cert-manager.io/v1, kind: Issuer}}"))
	f.Fuzz(func(t *testing.T, text []byte) {
		list, err := krm.Read(bytes.NewReader(text))
		if err != nil {
			return
		}
		answer := krm.NewAnswer(list)
		answer.GiveBack()
		given, err := answer.Encode()
		if err != nil {
			t.Fatal(err)
		}
		again, err := krm.Read(bytes.NewReader(given))
		if err != nil {
			t.Fatalf("%q: %v", given, err)
		}
		want, got := said(t, list), said(t, again)
		if len(got) > len(want) || len(got) > 0 && !reflect.DeepEqual(got, want[:len(got)]) { // what the functionConfig had is no item
			t.Errorf("%v after %v", got, want)
		}
	})
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
