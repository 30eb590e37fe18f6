package render

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"testing"

	"gopkg.in/yaml.v3"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	sigsyaml "sigs.k8s.io/yaml"
)

// configMap carries s wherever a user's string can go.
func configMap(s string) *corev1.ConfigMap {
	return &corev1.ConfigMap{
		TypeMeta: metav1.TypeMeta{APIVersion: "v1", Kind: "ConfigMap"},
		ObjectMeta: metav1.ObjectMeta{Name: "c", Labels: map[string]string{"l": s}, Annotations: map[string]string{s: "key", "a" + s: s},
			Finalizers: []string{s, "x"}},
		Data: map[string]string{"default.conf": s, "z": "end"},
	}
}

// checkReaders reads one document as every reader does that matters, and compares with obj. Readers that know no types show first
// whether each string is one to them.
func checkReaders(t *testing.T, data []byte, obj runtime.Object) {
	t.Helper()
	fromJSON, err := json.Marshal(obj)
	if err != nil {
		t.Fatal(err)
	}
	var want any
	if err := json.Unmarshal(fromJSON, &want); err != nil {
		t.Fatal(err)
	}
	var viaSigs, viaV3 any
	if err := sigsyaml.Unmarshal(data, &viaSigs); err != nil {
		t.Fatalf("sigs.k8s.io/yaml: %v\n%s", err, data)
	}
	if !equality.Semantic.DeepEqual(viaSigs, want) {
		t.Fatalf("sigs.k8s.io/yaml reads %#v, want %#v\n%s", viaSigs, want, data)
	}
	dec := yaml.NewDecoder(bytes.NewReader(data))
	if err := dec.Decode(&viaV3); err != nil {
		t.Fatalf("yaml.v3: %v\n%s", err, data)
	}
	if !equality.Semantic.DeepEqual(viaV3, want) {
		t.Fatalf("yaml.v3 reads %#v, want %#v\n%s", viaV3, want, data)
	}
	if err := dec.Decode(&viaV3); !errors.Is(err, io.EOF) {
		t.Fatalf("yaml.v3: after the document: %v, want EOF\n%s", err, data)
	}
	checkDecode(t, data, obj)
}

func checkDecode(t *testing.T, data []byte, want ...runtime.Object) {
	t.Helper()
	got, err := Decode(data)
	if err != nil {
		t.Fatalf("Decode: %v\n%s", err, data)
	}
	if !equality.Semantic.DeepEqual(got, want) {
		t.Fatalf("Decode gives\n%#v, want\n%#v\n%s", got, want, data)
	}
}
