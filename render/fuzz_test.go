package render

import (
	"bytes"
	"testing"
	"unicode/utf8"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
)

// FuzzEncodeString: any string comes back the same to every reader, or is refused.
func FuzzEncodeString(f *testing.F) {
	for _, s := range nastyStrings() {
		f.Add(s)
	}
	f.Add("\xff")
	f.Fuzz(func(t *testing.T, s string) {
		if len(s) > maxKey/16 && s != s[:maxKey/16] {
			// Escapes make up to ten characters of one; long keys have a test of their own.
			s = s[:maxKey/16]
		}
		obj := configMap(s)
		data, err := Encode(YAML, obj)
		if !utf8.ValidString(s) {
			if err == nil {
				t.Fatalf("%q is not UTF-8, and was written:\n%s", s, data)
			}
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		checkReaders(t, data, obj)
		if data, err = Encode(JSON, obj); err != nil {
			t.Fatal(err)
		}
		checkDecode(t, data, obj)
	})
}

// FuzzDecode: whatever is read can be written, and reads back as equal objects.
func FuzzDecode(f *testing.F) {
	for _, s := range []string{
		"", "---\n", "apiVersion: v1\nkind: Secret\ndata: {a: YQ==}\nimmutable: true\n---\napiVersion: v1\nkind: ConfigMap\ndata:\n  a: |\n    b\n",
		`{"apiVersion":"v1","kind":"List","items":[{"apiVersion":"v1","kind":"Service","spec":{"ports":[{"port":80,"targetPort":"http"}]}}]}`,
		"apiVersion: apps/v1\nkind: Deployment\nmetadata: {creationTimestamp: 2026-11-22T10:00:00Z}\nspec:\n  template: &t\n    spec:\n      containers:\n      - {name: a, resources: {limits: {cpu: 1e3, memory: 64Mi}}}\n",
		"apiVersion: v1\nkind: Secret\nmetadata:\n  managedFields:\n  - manager: x\n    time: null\n    fieldsV1: {\"f:data\": {}}\n", "\xff\xfea\x00", "a: &a [*a]\n", "? [a]\n: b\n",
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		objs, err := Decode(in)
		if err != nil {
			return
		}
		for _, obj := range objs {
			switch o := obj.(type) {
			case *corev1.Service:
				o.Status = corev1.ServiceStatus{}
			case *appsv1.Deployment:
				o.Status = appsv1.DeploymentStatus{}
			}
		}
		for _, format := range []Format{YAML, JSON} {
			data, err := Encode(format, objs...)
			if err != nil {
				if bytes.Contains([]byte(err.Error()), []byte("a key is")) {
					return
				}
				t.Fatal(err)
			}
			checkDecode(t, data, objs...)
		}
	})
}
