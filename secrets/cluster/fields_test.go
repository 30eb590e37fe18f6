package cluster

import (
	"encoding/base64"
	"encoding/json"
	"reflect"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"certgen/certs"
)

func object(t testing.TB, text string) map[string]any {
	t.Helper()
	var out map[string]any
	if err := json.Unmarshal([]byte(text), &out); err != nil {
		t.Fatalf("%v in %s", err, text)
	}
	return out
}

func managedBy(manager string, operation metav1.ManagedFieldsOperationType, fields string) []metav1.ManagedFieldsEntry {
	return []metav1.ManagedFieldsEntry{{Manager: manager, Operation: operation, FieldsV1: &metav1.FieldsV1{Raw: []byte(fields)}}}
}

// TestUnchanged: nothing is written only where every field has its value and is recorded as certgen's, and
// no other is.
func TestUnchanged(t *testing.T) {
	t.Parallel()
	const (
		desired = `{"apiVersion": "v1", "kind": "Service", "metadata": {"name": "x", "namespace": "y", "resourceVersion": "1", "labels": {"a": "b"}},
			"spec": {"n": 1, "args": ["-c"], "ports": [{"port": 80, "protocol": "TCP"}]}}`
		owned = `{"f:metadata": {"f:labels": {".": {}, "f:a": {}}},
			"f:spec": {"f:n": {}, "f:args": {}, "f:ports": {"k:{\"port\":80,\"protocol\":\"TCP\"}": {".": {}, "f:port": {}, "f:protocol": {}}}}}`
	)
	apply := metav1.ManagedFieldsOperationApply
	for name, test := range map[string]struct {
		live     string
		managers []metav1.ManagedFieldsEntry
		want     bool
	}{
		"the same":           {desired, managedBy("certgen", apply, owned), true},
		"more of others":     {strings.NewReplacer(`"a": "b"`, `"a": "b", "team": "x"`, `[{"port"`, `[{"port": 443, "protocol": "TCP"}, {"nodePort": 3, "port"`).Replace(desired), managedBy("certgen", apply, owned), true},
		"another value":      {strings.Replace(desired, `"a": "b"`, `"a": "c"`, 1), managedBy("certgen", apply, owned), false},
		"another number":     {strings.Replace(desired, `"n": 1`, `"n": 2`, 1), managedBy("certgen", apply, owned), false},
		"a longer list":      {strings.Replace(desired, `["-c"]`, `["-c", "x"]`, 1), managedBy("certgen", apply, owned), false},
		"a missing element":  {strings.Replace(desired, `"port": 80`, `"port": 81`, 1), managedBy("certgen", apply, owned), false},
		"another type":       {strings.Replace(desired, `{"a": "b"}`, `[]`, 1), managedBy("certgen", apply, owned), false},
		"another's":          {desired, managedBy("kubectl", apply, owned), false},
		"not applied":        {desired, managedBy("certgen", metav1.ManagedFieldsOperationUpdate, owned), false},
		"nobody's":           {desired, nil, false},
		"a field not owned":  {desired, managedBy("certgen", apply, strings.Replace(owned, `"f:a": {}`, `"f:c": {}`, 1)), false},
		"a port not owned":   {desired, managedBy("certgen", apply, strings.Replace(owned, `80`, `81`, 1)), false},
		"one too many owned": {desired, managedBy("certgen", apply, strings.Replace(owned, `"f:n": {}`, `"f:n": {}, "f:m": {}`, 1)), false},
		"damaged":            {desired, managedBy("certgen", apply, `{`), false},
	} {
		if got := unchanged(object(t, desired), object(t, test.live), test.managers); got != test.want {
			t.Errorf("%s: %v, want %v", name, got, test.want)
		}
	}
}

// TestDrop: the patch removes what is owned and not wanted, and nothing else.
func TestDrop(t *testing.T) {
	t.Parallel()
	live := object(t, `{"labels": {"old": "1", "kept": "2", "foreign": "3"}, "note": "x", "replicas": 2, "selector": {"a": "1", "b": "2"}, "args": ["x"],
		"ports": [{"port": 80, "protocol": "TCP", "name": "old"}, {"port": 443, "protocol": "TCP", "name": "x"}]}`)
	set := object(t, `{"f:labels": {".": {}, "f:old": {}, "f:kept": {}}, "f:note": {}, "f:replicas": {}, "f:selector": {}, "f:args": {}, "f:gone": {},
		"f:ports": {"k:{\"port\":80,\"protocol\":\"TCP\"}": {".": {}, "f:port": {}}, "k:{\"port\":443,\"protocol\":\"TCP\"}": {"f:name": {}, "f:port": {}}}}`)
	patch := object(t, `{"labels": {"kept": "2"}, "replicas": 1, "selector": {"a": "1"}, "ports": [{"port": 443, "protocol": "TCP"}]}`)
	drop(set, live, patch)
	want := object(t, `{"labels": {"kept": "2", "old": null}, "note": null, "replicas": 1, "selector": {"a": "1", "b": null}, "args": null,
		"ports": [{"port": 443, "protocol": "TCP", "name": null}, {"port": 80, "protocol": "TCP", "$patch": "delete"}]}`)
	if !reflect.DeepEqual(patch, want) {
		t.Errorf("%v, want %v", patch, want)
	}
}

// FuzzFields: whatever a server records as managed fields, and whatever its objects are, is taken without a panic.
func FuzzFields(f *testing.F) {
	f.Add(`{"f:a": {"k:{\"b\":1}": {".": {}}}, "f:c": {"v:1": {}}}`, `{"a": [{"b": 1}], "c": [1]}`, `{"a": [{"b": 2}]}`)
	f.Add(`{"k:": 1, "f:": {"": {}}}`, `{"": {}, "metadata": null}`, `{"metadata": []}`)
	f.Fuzz(func(t *testing.T, fields, live, desired string) {
		var have, want map[string]any
		if json.Unmarshal([]byte(live), &have) != nil || json.Unmarshal([]byte(desired), &want) != nil {
			return
		}
		unchanged(want, have, managedBy("certgen", metav1.ManagedFieldsOperationApply, fields))
		var set map[string]any
		if json.Unmarshal([]byte(fields), &set) == nil && want != nil {
			drop(set, have, want)
		}
	})
}

// FuzzDecodePage: a damaged answer is an error, never a panic.
func FuzzDecodePage(f *testing.F) {
	page, err := (&corev1.SecretList{Items: []corev1.Secret{{ObjectMeta: metav1.ObjectMeta{Name: "x"}, Data: map[string][]byte{"a": {1}}}}}).Marshal()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(append([]byte("k8s\x00\x0a\x04\x0a\x02v1\x12"), append([]byte{byte(len(page))}, page...)...))
	f.Add([]byte("k8s\x00"))
	f.Add([]byte(`{"kind": "SecretList"}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		if page, err := Secrets().decode(data); err != nil && len(page.Items) > 0 {
			t.Error("half a page beside the error")
		}
	})
}

// TestRedacted: a Secret shows what its certificates say, and of all else no byte.
func TestRedacted(t *testing.T) {
	t.Parallel()
	request, err := certs.Spec{Name: "x", DNSNames: []string{"x.example"}}.Request()
	if err != nil {
		t.Fatal(err)
	}
	pair, _, err := certs.Issue(request, certs.SelfSigned{}, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	text, err := pair.PEM()
	if err != nil {
		t.Fatal(err)
	}
	encode := base64.StdEncoding.EncodeToString
	mixed := append(append([]byte{}, text.Key...), text.Cert...)
	secret := &unstructured.Unstructured{Object: map[string]any{
		"apiVersion": "v1", "kind": "Secret",
		"metadata": map[string]any{"name": "x", "uid": "u", "resourceVersion": "7", "managedFields": []any{map[string]any{"manager": "m"}},
			"annotations": map[string]any{corev1.LastAppliedConfigAnnotation: encode(text.Key), "team": "payments"}},
		"data": map[string]any{"tls.crt": encode(text.Cert), "tls.key": encode(text.Key), "mixed": encode(mixed), "password": encode([]byte("hunter2")), "damaged": "%hunter2"},
		"type": "kubernetes.io/tls",
	}}
	before := secret.DeepCopy()
	shown, err := json.Marshal(Redacted(secret))
	if err != nil {
		t.Fatal(err)
	}
	for _, hidden := range []string{"PRIVATE", "LS0t", "hunter2", encode([]byte("hunter2")), "last-applied", `"uid"`, "managedFields", "resourceVersion"} {
		if strings.Contains(string(shown), hidden) {
			t.Errorf("shows %q: %s", hidden, shown)
		}
	}
	for _, said := range []string{"x.example", "ECDSA P-256", "fingerprint", `"7 bytes"`, "damaged base64", "payments", "notAfter"} {
		if !strings.Contains(string(shown), said) {
			t.Errorf("does not show %q: %s", said, shown)
		}
	}
	if !reflect.DeepEqual(secret, before) {
		t.Error("the object itself was changed")
	}
	config := &unstructured.Unstructured{Object: map[string]any{"kind": "ConfigMap", "data": map[string]any{"default.conf": "server {}"}}}
	if got := Redacted(config); !reflect.DeepEqual(got, config) {
		t.Errorf("a ConfigMap is shown as %v", got)
	}
}
