package faulty

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strings"

	"certgen/certs/pki"
)

// Manifest is a Secret, as somebody wrote it, with one fault.
type Manifest struct {
	ID   string // of the finding
	Text string
}

// secret writes a manifest; entries are KEY and VALUE in turns.
func secret(kind, annotations string, entries ...string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "apiVersion: v1\nkind: Secret\nmetadata:\n  name: web-tls\n%stype: %s\ndata:\n", annotations, kind)
	for i := 0; i < len(entries); i += 2 {
		fmt.Fprintf(&b, "  %s: %s\n", entries[i], entries[i+1])
	}
	return b.String()
}

const (
	tlsType = "kubernetes.io/tls"
	opaque  = "Opaque"
)

func encode(text []byte) string { return base64.StdEncoding.EncodeToString(text) }

// Secret is the manifest of a pair, without a fault of its own.
func Secret(pair pki.PEM) string {
	return secret(tlsType, "", "tls.crt", encode(pair.Cert), "tls.key", encode(pair.Key), "ca.crt", encode(pair.CA))
}

// Manifests are the faults that a Secret can have, each with a sound pair in it, or what is left of one.
func (m *Maker) Manifests() []Manifest {
	pair := m.Sound()
	cert, key, ca := encode(pair.Cert), encode(pair.Key), encode(pair.CA)
	whole := Secret(pair)
	applied, err := json.Marshal(map[string]any{
		"apiVersion": "v1", "kind": "Secret", "type": tlsType,
		"data": map[string]string{"tls.crt": cert, "tls.key": key},
	})
	m.check(err)
	annotated := fmt.Sprintf("  annotations:\n    kubectl.kubernetes.io/last-applied-configuration: |\n      %s\n", applied)
	folded := cert[:76] + "\n    " + cert[76:152] + "\n    " + cert[152:] // what "base64" prints, indented
	return []Manifest{
		{"manifest-damaged", strings.Replace(whole, "  tls.key:", "\ttls.key:", 1)},
		{"placeholder", secret(tlsType, "", "tls.crt", "REPLACE_WITH_BASE64_CERT", "tls.key", key)},
		{"base64-damaged", secret(tlsType, "", "tls.crt", folded, "tls.key", key, "ca.crt", ca)},
		{"double-encoded", secret(tlsType, "", "tls.crt", encode([]byte(cert)), "tls.key", key, "ca.crt", ca)},
		{"secret-keys", secret(tlsType, "", "nginx.crt", cert, "nginx.key", key, "ca.crt", ca)},
		{"secret-type", secret(opaque, "", "tls.crt", cert, "tls.key", key, "ca.crt", ca)},
		{"last-applied-key", secret(tlsType, annotated, "tls.crt", cert, "tls.key", key, "ca.crt", ca)},
		{"key-missing", secret(tlsType, "", "tls.crt", cert, "ca.crt", ca)},
	}
}
