package secrets

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"certgen/certs/pki"
)

func TestMetaValid(t *testing.T) {
	t.Parallel()
	tests := map[string]Meta{
		"name alone":      {Name: "nginxsecret"},
		"all":             {Name: "a.b-1", Namespace: "team-1", Labels: map[string]string{"a/B_c": "V.1", "empty": ""}},
		"longest names":   {Name: strings.Repeat("a", 253), Namespace: strings.Repeat("n", 63)},
		"our own label":   {Name: "x", Labels: map[string]string{ManagedByLabel: ManagedBy}},
		"annotation case": {Name: "x", Annotations: map[string]string{"Example.COM/Key": "any\ntext: ~ "}},
		"annotation size": {Name: "x", Annotations: map[string]string{"k": strings.Repeat("v", maxAnnotations-1)}},
		"alike prefix":    {Name: "x", Annotations: map[string]string{"certgen.device/x": "1"}},
	}
	for name, m := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if ps := m.Validate(); len(ps) != 0 {
				t.Errorf("refused: %v", ps)
			}
		})
	}
}

func TestMetaInvalid(t *testing.T) {
	t.Parallel()
	labels := func(key, value string) Meta { return Meta{Name: "x", Labels: map[string]string{key: value}} }
	annotations := func(key, value string) Meta {
		return Meta{Name: "x", Annotations: map[string]string{key: value}}
	}
	tests := map[string]struct {
		meta   Meta
		field  pki.Field
		reason string
		hint   string
	}{
		"no name":            {Meta{}, FieldName, "must not be empty", ""},
		"capitals":           {Meta{Name: "My_Secret"}, FieldName, "lower case letters", `try "my-secret"`},
		"name too long":      {Meta{Name: strings.Repeat("a", 254)}, FieldName, "254 bytes long, at most 253", ""},
		"empty part":         {Meta{Name: "a..b"}, FieldName, "each part between dots", ""},
		"namespace dot":      {Meta{Name: "x", Namespace: "a.b"}, FieldNamespace, "lower case letters, digits and '-'", ""},
		"namespace too long": {Meta{Name: "x", Namespace: strings.Repeat("n", 64)}, FieldNamespace, "at most 63", ""},
		"label key":          {labels("a b", "v"), FieldLabels, "must be a name of at most 63", ""},
		"label key too long": {labels(strings.Repeat("k", 64), "v"), FieldLabels, "at most 63", ""},
		"label prefix":       {labels("A.b/c", "v"), FieldLabels, "lower case DNS name", `try "a.b/c"`},
		"no label key":       {labels("", "v"), FieldLabels, "must not be empty", ""},
		"label value":        {labels("k", "v_1-"), FieldLabels, "the value must be letters", `try "v_1"`},
		"label value dashes": {labels("k", "--"), FieldLabels, "the value must be letters", ""},
		"label value length": {labels("k", strings.Repeat("v", 64)), FieldLabels, "64 bytes long, at most 63", ""},
		"managed by another": {labels(ManagedByLabel, "Helm"), FieldLabels, `must be "certgen"`, "leave this label out, certgen sets it"},
		"our label":          {labels("certgen.dev/x", "1"), FieldLabels, "reserved for certgen", "use a prefix of your own"},
		"our annotation":     {annotations("Certgen.dev/x", "1"), FieldAnnotations, "reserved for certgen", "use a prefix of your own"},
		"annotation key":     {annotations("a/b/c", "1"), FieldAnnotations, "one '/'", ""},
		"annotation size":    {annotations("k", strings.Repeat("v", maxAnnotations)), FieldAnnotations, "at most 262144 bytes", ""},
		"annotation binary":  {annotations("k", "\xff"), FieldAnnotations, "UTF-8", "encode binary values as base64"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ps := test.meta.Validate()
			if len(ps) != 1 {
				t.Fatalf("%d problems, want 1: %v", len(ps), ps)
			}
			if ps[0].Field != test.field || !strings.Contains(ps[0].Reason, test.reason) || ps[0].Hint != test.hint {
				t.Errorf("got %+v, want field %s, a reason with %q and the hint %q", ps[0], test.field, test.reason, test.hint)
			}
		})
	}
}

func TestMetaAllProblemsAtOnce(t *testing.T) {
	t.Parallel()
	m := Meta{
		Name: "A", Namespace: "b.c",
		Labels:      map[string]string{"z z": "1", "a": "b c", ManagedByLabel: "kubectl"},
		Annotations: map[string]string{"certgen.dev/x": "1", "y y": ""},
	}
	var got []string
	for _, p := range m.Validate() {
		got = append(got, fmt.Sprintf("%s %s", p.Field, p.Value))
	}
	want := []string{
		"metadata.name A", "metadata.namespace b.c",
		"metadata.labels a=b c", "metadata.labels " + ManagedByLabel + "=kubectl", "metadata.labels z z",
		"metadata.annotations certgen.dev/x", "metadata.annotations y y",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func TestObjectMetaCopiesLabels(t *testing.T) {
	t.Parallel()
	given := map[string]string{"a": "1", ManagedByLabel: "Helm"}
	got := ObjectMeta("n", "ns", given).Labels
	if want := map[string]string{"a": "1", ManagedByLabel: ManagedBy}; !maps.Equal(got, want) {
		t.Errorf("labels %v, want %v", got, want)
	}
	if given[ManagedByLabel] != "Helm" {
		t.Error("the caller's map was changed")
	}
}
