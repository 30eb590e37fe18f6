package secrets

import (
	"reflect"
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"certgen/certs/pki"
)

func TestNew(t *testing.T) {
	t.Parallel()
	meta := Meta{
		Name: "s", Namespace: "ns",
		Labels: map[string]string{"team": "web"}, Annotations: map[string]string{"note": "x"},
	}
	got := New(meta, pki.PEM{Cert: []byte("cert"), Key: []byte("key"), CA: []byte("ca")}, true)
	want := &corev1.Secret{
		TypeMeta: metav1.TypeMeta{APIVersion: "v1", Kind: "Secret"},
		ObjectMeta: metav1.ObjectMeta{
			Name: "s", Namespace: "ns",
			Labels:      map[string]string{"team": "web", "app.kubernetes.io/managed-by": "certgen"},
			Annotations: map[string]string{"note": "x"},
		},
		Type:      "kubernetes.io/tls",
		Immutable: new(true),
		Data:      map[string][]byte{"tls.crt": []byte("cert"), "tls.key": []byte("key"), "ca.crt": []byte("ca")},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got\n%+v\nwant\n%+v", got, want)
	}
}

func TestNewLeavesOut(t *testing.T) {
	t.Parallel()
	s := New(Meta{Name: "s"}, pki.PEM{Cert: []byte("cert"), Key: []byte("key")}, false)
	if _, there := s.Data["ca.crt"]; there {
		t.Error("ca.crt is there though the root is not known")
	}
	if s.Immutable != nil || s.Annotations != nil || s.Namespace != "" {
		t.Errorf("set without being asked for: %+v", s)
	}
}

func TestPEMOf(t *testing.T) {
	t.Parallel()
	pair := pki.PEM{Cert: []byte("cert"), Key: []byte("key"), CA: []byte("ca")}
	tests := map[string]struct {
		secret *corev1.Secret
		want   pki.PEM
	}{
		"back again": {New(Meta{Name: "s"}, pair, false), pair},
		"empty":      {&corev1.Secret{}, pki.PEM{}},
		"stringData wins": {&corev1.Secret{
			Data:       map[string][]byte{"tls.crt": []byte("old"), "tls.key": []byte("key")},
			StringData: map[string]string{"tls.crt": "cert", "ca.crt": "ca"},
		}, pair},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := PEMOf(test.secret); !reflect.DeepEqual(got, test.want) {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

func TestManaged(t *testing.T) {
	t.Parallel()
	if !Managed(New(Meta{Name: "s"}, pki.PEM{}, false)) {
		t.Error("certgen does not know its own Secret")
	}
	foreign := &corev1.Secret{ObjectMeta: metav1.ObjectMeta{Labels: map[string]string{ManagedByLabel: "Helm"}}}
	if Managed(foreign) || Managed(&corev1.Secret{}) {
		t.Error("certgen takes another's Secret for its own")
	}
}

func TestKeepForeign(t *testing.T) {
	t.Parallel()
	desired := New(Meta{Name: "s", Labels: map[string]string{"team": "new"}},
		pki.PEM{Cert: []byte("new"), Key: []byte("new")}, false)
	existing := &corev1.Secret{
		ObjectMeta: metav1.ObjectMeta{
			Labels: map[string]string{"team": "old", "tier": "front", ManagedByLabel: "Helm", "certgen.dev/l": "1"},
			Annotations: map[string]string{
				"note": "theirs", "certgen.dev/a": "1",
				"kubectl.kubernetes.io/last-applied-configuration": `{"data":{"tls.key":"…"}}`,
			},
		},
		Data: map[string][]byte{
			"tls.crt": []byte("old"), "tls.key": []byte("old"), "ca.crt": []byte("old"),
			"extra": []byte("data"), "dhparam": []byte("data"),
		},
		StringData: map[string]string{"extra": "stringData"},
	}
	before := existing.DeepCopy()
	KeepForeign(desired, existing)

	want := New(Meta{
		Name:        "s",
		Labels:      map[string]string{"team": "new", "tier": "front"},
		Annotations: map[string]string{"note": "theirs"},
	}, pki.PEM{Cert: []byte("new"), Key: []byte("new")}, false)
	want.Data["extra"], want.Data["dhparam"] = []byte("stringData"), []byte("data")
	if !reflect.DeepEqual(desired, want) {
		t.Errorf("got\n%+v\nwant\n%+v", desired, want)
	}
	if !reflect.DeepEqual(existing, before) {
		t.Error("the existing Secret was changed")
	}
}

func TestKeepForeignOfNothing(t *testing.T) {
	t.Parallel()
	desired := New(Meta{Name: "s"}, pki.PEM{Cert: []byte("c"), Key: []byte("k")}, false)
	want := desired.DeepCopy()
	KeepForeign(desired, &corev1.Secret{})
	if !reflect.DeepEqual(desired, want) {
		t.Errorf("got\n%+v\nwant\n%+v", desired, want)
	}
}
