package secrets

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"certgen/certs/pki"
	"certgen/certs/renewal"
)

const (
	// ManagedByLabel marks an object as made by one tool. Kubernetes recommends it:
	// https://kubernetes.io/docs/concepts/overview/working-with-objects/common-labels/
	ManagedByLabel = "app.kubernetes.io/managed-by"
	// ManagedBy is the value of [ManagedByLabel] on all that certgen makes.
	ManagedBy = "certgen"
	// AnnotationPrefix starts the keys of certgen's own annotations and labels; users may not set them.
	AnnotationPrefix = "certgen.dev/"
)

// The fields that problems of this package name.
const (
	FieldName        pki.Field = "metadata.name"
	FieldNamespace   pki.Field = "metadata.namespace"
	FieldLabels      pki.Field = "metadata.labels"
	FieldAnnotations pki.Field = "metadata.annotations"
)

// maxAnnotations bounds the keys and values of an object's annotations together, in bytes:
// https://kubernetes.io/docs/concepts/overview/working-with-objects/annotations/#syntax-and-character-set
const maxAnnotations = 256 << 10

// Meta is what the user chose of the Secret's metadata. An empty Namespace leaves the namespace to
// whoever applies the Secret.
type Meta struct {
	Name, Namespace     string
	Labels, Annotations map[string]string
	Renewal             renewal.Policy // when the certificate is due
	Spec                string         // what the certificate was asked for as, under [SpecAnnotation]; "" where that is not known
}

// Path names the Secret as NAMESPACE/NAME, or by its name alone where it has no namespace.
func (m Meta) Path() string {
	if m.Namespace == "" {
		return m.Name
	}
	return m.Namespace + "/" + m.Name
}

// Validate returns everything that the API server would refuse in m, and every label and annotation
// that is not the user's to set.
func (m Meta) Validate() pki.Problems {
	ps := Subdomain.Judge(FieldName, m.Name)
	if m.Namespace != "" {
		ps = append(ps, Label.Judge(FieldNamespace, m.Namespace)...)
	}
	ps = append(ps, labelProblems(m.Labels)...)
	return append(ps, annotationProblems(m.Annotations)...)
}

func labelProblems(labels map[string]string) pki.Problems {
	var ps pki.Problems
	for _, key := range slices.Sorted(maps.Keys(labels)) {
		value := labels[key]
		ps = append(ps, metaKey.Judge(FieldLabels, key)...)
		ps = append(ps, reserved(FieldLabels, key)...)
		if reason := labelValue.broken(value); reason != "" {
			ps = append(ps, pki.Problem{
				Field: FieldLabels, Value: key + "=" + value,
				Reason: "the value " + reason, Hint: labelValue.hint(value),
			})
		}
		if key == ManagedByLabel && value != ManagedBy {
			ps = append(ps, pki.Problem{
				Field: FieldLabels, Value: key + "=" + value,
				Reason: fmt.Sprintf("the value must be %q, by which certgen knows what it may overwrite", ManagedBy),
				Hint:   "leave this label out, certgen sets it",
			})
		}
	}
	return ps
}

func annotationProblems(annotations map[string]string) pki.Problems {
	var ps pki.Problems
	size := 0
	for _, key := range slices.Sorted(maps.Keys(annotations)) {
		value := annotations[key]
		size += len(key) + len(value)
		// Unlike in labels, the API server lets capitals pass in the DNS part of the key.
		if metaKey.broken(strings.ToLower(key)) != "" {
			ps = append(ps, metaKey.Judge(FieldAnnotations, key)...)
		}
		ps = append(ps, reserved(FieldAnnotations, key)...)
		if !utf8.ValidString(value) {
			ps = append(ps, pki.Problem{
				Field: FieldAnnotations, Value: key,
				Reason: "the value must be UTF-8 text", Hint: "encode binary values as base64",
			})
		}
	}
	if size > maxAnnotations {
		ps = append(ps, pki.Problem{
			Field: FieldAnnotations, Value: fmt.Sprintf("%d bytes", size),
			Reason: fmt.Sprintf("keys and values together may be at most %d bytes long", maxAnnotations),
		})
	}
	return ps
}

// reserved refuses the keys that certgen keeps for itself.
func reserved(field pki.Field, key string) pki.Problems {
	if !Own(key) {
		return nil
	}
	return pki.Problems{{
		Field: field, Value: key,
		Reason: "keys under " + AnnotationPrefix + " are reserved for certgen", Hint: "use a prefix of your own",
	}}
}

// Own reports whether a key of a label or annotation is certgen's own.
func Own(key string) bool {
	return strings.HasPrefix(strings.ToLower(key), AnnotationPrefix)
}

// ObjectMeta is the metadata of an object that certgen makes.
func ObjectMeta(name, namespace string, labels map[string]string) metav1.ObjectMeta {
	all := make(map[string]string, len(labels)+1)
	maps.Copy(all, labels)
	all[ManagedByLabel] = ManagedBy
	return metav1.ObjectMeta{Name: name, Namespace: namespace, Labels: all}
}
