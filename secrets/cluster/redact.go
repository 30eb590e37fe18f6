package cluster

import (
	"encoding/base64"
	"fmt"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"certgen/certs/pki"
)

// Redacted is a copy of an object to be shown to people: without what the server keeps for itself, with
// what a certificate says in place of its bytes, and with nothing of the other data of a Secret but its
// size.
func Redacted(obj *unstructured.Unstructured) *unstructured.Unstructured {
	obj = obj.DeepCopy()
	for _, field := range []string{"managedFields", "resourceVersion", "uid", "generation", "creationTimestamp", "selfLink"} {
		unstructured.RemoveNestedField(obj.Object, "metadata", field)
	}
	unstructured.RemoveNestedField(obj.Object, "status")
	// It repeats the object, a private key included.
	unstructured.RemoveNestedField(obj.Object, "metadata", "annotations", corev1.LastAppliedConfigAnnotation)
	if len(obj.GetAnnotations()) == 0 {
		unstructured.RemoveNestedField(obj.Object, "metadata", "annotations")
	}
	if data, ok := obj.Object["data"].(map[string]any); ok && obj.GetKind() == "Secret" {
		for key, value := range data {
			data[key] = redactedValue(fmt.Sprint(value))
		}
	}
	return obj
}

// redactedValue says what a base64 value holds: the facts of certificates, or a number of bytes.
func redactedValue(encoded string) any {
	value, err := base64.StdEncoding.DecodeString(encoded)
	if err != nil {
		return "damaged base64"
	}
	chain, err := pki.ParseCertificates(value)
	if err != nil {
		return fmt.Sprintf("%d bytes", len(value))
	}
	var facts []any
	for _, c := range chain {
		pair := pki.KeyPair{Leaf: c}
		facts = append(facts, map[string]any{
			"subject":     pki.FormatName(c.RawSubject),
			"issuer":      pki.FormatName(c.RawIssuer),
			"names":       strings.Join(pair.Names(), ", "),
			"key":         pki.KeyName(c),
			"notBefore":   pki.FormatTime(c.NotBefore),
			"notAfter":    pki.FormatTime(c.NotAfter),
			"fingerprint": "SHA-256 " + pair.Fingerprint(),
		})
	}
	return facts
}
