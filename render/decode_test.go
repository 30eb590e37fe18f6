package render

import (
	"errors"
	"strings"
	"testing"
	"unicode/utf16"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"

	"certgen/render/file"
)

func secretNamed(name string) *corev1.Secret {
	return &corev1.Secret{TypeMeta: metav1.TypeMeta{APIVersion: "v1", Kind: "Secret"}, ObjectMeta: metav1.ObjectMeta{Name: name},
		Data: map[string][]byte{"a": []byte("hello")}}
}

const blockSecret = "apiVersion: v1\nkind: Secret\nmetadata:\n  name: s\ndata:\n  a: aGVsbG8=\n"

func TestDecode(t *testing.T) {
	t.Parallel()
	s, other := secretNamed("s"), secretNamed("t")
	tests := []struct {
		name, in string
		want     []runtime.Object
	}{
		{"nothing", "", nil},
		{"comments", "# a\n", nil},
		{"empty documents", "---\n---\n# b\n---\nnull\n...\n", nil},
		{"block", blockSecret, []runtime.Object{s}},
		{"comments and document marks", "# c\n---\n" + blockSecret + "...\n---\n", []runtime.Object{s}},
		{"two documents", blockSecret + "---\n" + strings.Replace(blockSecret, "name: s", "name: t", 1), []runtime.Object{s, other}},
		{"flow", "{apiVersion: v1, kind: Secret, metadata: {name: s}, data: {a: aGVsbG8=}}", []runtime.Object{s}},
		{"JSON with tabs", "{\n\t\"apiVersion\": \"v1\",\n\t\"kind\":\"Secret\", \"metadata\": {\"name\": \"\\u0073\"},\n\t\"data\": {\"a\": \"aGVsbG8=\"}\n}\n", []runtime.Object{s}},
		{"CRLF", strings.ReplaceAll(blockSecret, "\n", "\r\n"), []runtime.Object{s}},
		{"BOM", "\ufeff" + blockSecret, []runtime.Object{s}},
		{"UTF-16", utf16LE(blockSecret), []runtime.Object{s}},
		{"base64 on many lines", "apiVersion: v1\nkind: Secret\nmetadata: {name: s}\ndata:\n  a: |\n    aGVs\n    bG8=\n", []runtime.Object{s}},
		{"nulls", blockSecret + "type: null\nstringData: ~\nimmutable:\n", []runtime.Object{s}},
		{"List", "apiVersion: v1\nkind: List\nmetadata: {resourceVersion: \"\"}\nitems:\n- " + strings.ReplaceAll(strings.TrimSpace(blockSecret), "\n", "\n  ") + "\n", []runtime.Object{s}},
		{"empty List", "apiVersion: v1\nkind: List\nitems: null\n", nil},
		{"alias", "apiVersion: v1\nkind: Secret\nmetadata: {name: &n s}\ndata: {a: aGVsbG8=}\nstringData: {b: *n}\n",
			[]runtime.Object{func() runtime.Object {
				with := secretNamed("s")
				with.StringData = map[string]string{"b": "s"}
				return with
			}()}},
		{"bare date", "apiVersion: v1\nkind: ConfigMap\ndata: {day: 2026-11-22}\n",
			[]runtime.Object{&corev1.ConfigMap{TypeMeta: metav1.TypeMeta{APIVersion: "v1", Kind: "ConfigMap"}, Data: map[string]string{"day": "2026-11-22"}}}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			checkDecode(t, []byte(tt.in), tt.want...)
		})
	}
}

func utf16LE(s string) string {
	out := []byte("\xff\xfe")
	for _, unit := range utf16.Encode([]rune(s)) {
		out = append(out, byte(unit), byte(unit>>8))
	}
	return string(out)
}

func TestDecodeErrors(t *testing.T) {
	t.Parallel()
	secret := "apiVersion: v1\nkind: Secret\n"
	deployment := "apiVersion: apps/v1\nkind: Deployment\nspec:\n"
	const key = "LS0tLS1CRUdJTiBQUklWQVRFIEtFWS0tLS0tCk1JR0hBZ0VBTUJNR0J5cUdTTTQ5QWdFR0NDcUdTTTQ5QXdFSEJHMHdhd0lC!"
	tests := []struct{ name, in, want string }{
		{"unknown field", secret + "dada: {}\n", "document 1: line 3: dada: is not a field of Secret"},
		{"case", secret + "Data: {}\n", "document 1: line 3: Data: is not a field of Secret"},
		{"deep unknown field", deployment + "  template:\n    spec:\n      containers:\n      - name: a\n        prots: []\n", "document 1: line 8: spec.template.spec.containers[0].prots: is not a field of Container"},
		{"second document", "# c\n" + secret + "---\n\n" + secret + "dada: {}\n", "document 2: line 8: dada: is not a field of Secret"},
		{"twice", secret + "data: {a: YQ==, a: Yg==}\n", "document 1: line 3: data.a: is there twice"},
		{"twice at the top", secret + "kind: Secret\n", "document 1: line 3: kind: is there twice"},
		{"dotted key", secret + "data:\n  tls.key: " + key + "\n", `document 1: line 4: data["tls.key"]: is not base64`},
		{"number for a string", secret + "metadata: {annotations: {a: 8443}}\n", "document 1: line 3: metadata.annotations.a: is not a string: a number, true, false, null or << needs quotes to be one"},
		{"old boolean", secret + "metadata: {labels: {a: no}}\n", "document 1: line 3: metadata.labels.a: is a boolean to kubectl: yes, no, on, off, y and n need quotes to be strings"},
		{"old boolean for a key", secret + "metadata: {labels: {y: a}}\n", "document 1: line 3: metadata.labels.(key): is a boolean to kubectl: yes, no, on, off, y and n need quotes to be strings"},
		{"merge", secret + "data:\n  <<: {}\n", "document 1: line 4: data.(key): is not a string: a number, true, false, null or << needs quotes to be one"},
		{"string for a number", deployment + "  replicas: " + key + "\n", "document 1: line 4: spec.replicas: is not a whole number of at most 32 bits"},
		{"too large", deployment + "  replicas: 3000000000\n", "document 1: line 4: spec.replicas: is not a whole number of at most 32 bits"},
		{"string for a boolean", secret + "immutable: " + key + "\n", "document 1: line 3: immutable: is not true or false"},
		{"string for a mapping", secret + "data: " + key + "\n", "document 1: line 3: data: is not a mapping"},
		{"string for a sequence", secret + "metadata: {finalizers: " + key + "}\n", "document 1: line 3: metadata.finalizers: is not a sequence"},
		{"quantity", deployment + "  template: {spec: {containers: [{resources: {limits: {cpu: x" + key[:20] + "}}}]}}\n", "document 1: line 4: spec.template.spec.containers[0].resources.limits.cpu: is not a valid Quantity"},
		{"long quantity", deployment + "  template: {spec: {containers: [{resources: {limits: {cpu: " + key + "}}}]}}\n", "resources.limits.cpu: is not a quantity of at most 63 characters and two digits of exponent"},
		{"quantity without end", deployment + "  template: {spec: {containers: [{resources: {limits: {cpu: 1e-2147483648}}}]}}\n", "resources.limits.cpu: is not a quantity of at most 63 characters and two digits of exponent"},
		{"time", secret + "metadata: {creationTimestamp: " + key + "}\n", "document 1: line 3: metadata.creationTimestamp: is not a valid Time"},
		{"tag", secret + "data: {a: !!int " + key + "}\n", "document 1: line 3: data.a: is not a string: a number, true, false, null or << needs quotes to be one"},
		{"tag of a number", deployment + "  replicas: !!int " + key + "\n", "document 1: line 4: spec.replicas: is not a whole number of at most 32 bits"},
		{"long name", secret + key + ": {}\n", "document 1: line 3: [(97 bytes)]: is not a field of Secret"},
		{"not an object", "- a\n", "document 1: line 1: is not an object: want a mapping with apiVersion and kind"},
		{"syntax", "a: b\n c: " + key + "\n", "document 1: line 2: mapping values are not allowed in this context"},
		{"PEM", secret + "data:\n  tls.key: |\n-----BEGIN PRIVATE KEY-----\n" + key + "\n", "document 1: line 5: could not find expected ':'"},
		{"anchor", secret + "stringData: {password: *hunter2}\n", "document 1: an alias (*) has no anchor (&): a value that starts with * needs quotes"},
		{"List field", "apiVersion: v1\nkind: List\nobjects: []\n", "document 1: line 3: objects: is not a field of List"},
		{"List item", "apiVersion: v1\nkind: List\nitems:\n- " + strings.ReplaceAll(secret, "\n", "\n  ") + "dada: {}\n", "document 1: line 6: items[0].dada: is not a field of Secret"},
		{"item of another kind", "apiVersion: v1\nkind: List\nitems:\n- apiVersion: v1\n  kind: Pod\n", `document 1: line 4: kind "Pod" of apiVersion "v1": is not one of Secret, ConfigMap, Service, List (v1), Deployment (apps/v1)`},
		{"no kind", "a: b\n", `document 1: line 1: kind "" of apiVersion "": is not one of Secret, ConfigMap, Service, List (v1), Deployment (apps/v1)`},
		{"long kind", "kind: " + key + "\n", `document 1: line 1: kind (97 bytes) of apiVersion "": is not one of Secret, ConfigMap, Service, List (v1), Deployment (apps/v1)`},
		{"itself", secret + "metadata: {managedFields: [{fieldsV1: &a {a: *a}}]}\n", "is nested deeper than 64 levels"},
		{"deep List", strings.Repeat("{apiVersion: v1, kind: List, items: [", 99) + strings.Repeat("]}", 99), "is nested deeper than 64 levels"},
		{"deep", strings.Repeat("[", 1<<20), "document 1: exceeded max depth of 10000"},
		{"laughs", laughs(), "more than 524288 values, with those that aliases repeat"},
		{"large", strings.Repeat("#", file.MaxInput+1), "a manifest of 4194305 bytes: is over the limit of 4194304"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			objs, err := Decode([]byte(tt.in))
			if err == nil || !strings.HasSuffix(err.Error(), tt.want) {
				t.Fatalf("got %v, want %s", err, tt.want)
			}
			if objs != nil {
				t.Errorf("got %d objects with the error", len(objs))
			}
			for _, part := range []string{key[:20], "hunter2"} {
				if strings.Contains(err.Error(), part) {
					t.Errorf("the error shows the value: %v", err)
				}
			}
		})
	}
}

// laughs repeats a value eight to the tenth times.
func laughs() string {
	var b strings.Builder
	b.WriteString("apiVersion: v1\nkind: Secret\nmetadata:\n  managedFields:\n  - fieldsV1:\n      l0: &l0 [a, a, a, a, a, a, a, a]\n")
	for i := range 9 {
		alias := "*l" + string(rune('0'+i))
		b.WriteString("      l" + string(rune('1'+i)) + ": &l" + string(rune('1'+i)) + " [" + strings.Repeat(alias+", ", 7) + alias + "]\n")
	}
	return b.String()
}

func TestUnknownKind(t *testing.T) {
	t.Parallel()
	_, err := Decode([]byte("---\n---\napiVersion: networking.k8s.io/v1\nkind: Ingress\n"))
	var unknown *UnknownKindError
	if !errors.As(err, &unknown) {
		t.Fatalf("got %v, want an UnknownKindError", err)
	}
	if want := (UnknownKindError{APIVersion: "networking.k8s.io/v1", Kind: "Ingress", Document: 2, Line: 3}); *unknown != want {
		t.Errorf("got %+v, want %+v", *unknown, want)
	}
}
