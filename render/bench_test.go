package render

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/json"
	"math/big"
	"testing"
	"time"

	"gopkg.in/yaml.v3"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// tlsSecret has values of the sizes that a self-signed P-256 pair has, and none of their content.
func tlsSecret() *corev1.Secret {
	return &corev1.Secret{
		TypeMeta: metav1.TypeMeta{APIVersion: "v1", Kind: "Secret"},
		ObjectMeta: metav1.ObjectMeta{Name: "nginxsecret", Namespace: "default",
			Labels: map[string]string{"app.kubernetes.io/managed-by": "certgen"}},
		Type: corev1.SecretTypeTLS,
		Data: map[string][]byte{
			"tls.crt": bytes.Repeat([]byte("tls.crt"), 130),
			"tls.key": bytes.Repeat([]byte("tls.key"), 35),
			"ca.crt":  bytes.Repeat([]byte("ca.crt;"), 130),
		},
	}
}

// BenchmarkSecret sets the writing of one TLS Secret beside bare issuing, which may cost 1.5 of itself with the Secret written:
// 0.3 is this package's share. The last two are the ways not taken: json.Marshal and yaml.v3's parser and encoder, and its
// encoder alone on nodes that are there already.
func BenchmarkSecret(b *testing.B) {
	secret := tlsSecret()
	b.Run("bare-issuing", func(b *testing.B) {
		for b.Loop() {
			key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
			if err != nil {
				b.Fatal(err)
			}
			cert := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "my-nginx"},
				DNSNames: []string{"my-nginx"}, NotAfter: time.Now().Add(time.Hour)}
			if _, err := x509.CreateCertificate(rand.Reader, cert, cert, key.Public(), key); err != nil {
				b.Fatal(err)
			}
		}
	})
	for _, f := range []Format{YAML, JSON} {
		b.Run("encode-"+string(f), func(b *testing.B) {
			for b.Loop() {
				if _, err := Encode(f, secret); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
	data, err := Encode(YAML, secret)
	if err != nil {
		b.Fatal(err)
	}
	b.Run("decode-yaml", func(b *testing.B) {
		for b.Loop() {
			if _, err := Decode(data); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("peer-json-to-yamlv3", func(b *testing.B) {
		for b.Loop() {
			data, err := json.Marshal(secret)
			if err != nil {
				b.Fatal(err)
			}
			var doc yaml.Node
			if err := yaml.Unmarshal(data, &doc); err != nil {
				b.Fatal(err)
			}
			encodeNode(b, &doc)
		}
	})
	var doc yaml.Node
	if err := yaml.Unmarshal(data, &doc); err != nil {
		b.Fatal(err)
	}
	b.Run("peer-yamlv3-encoder", func(b *testing.B) {
		for b.Loop() {
			encodeNode(b, &doc)
		}
	})
}

func encodeNode(b *testing.B, doc *yaml.Node) {
	var out bytes.Buffer
	enc := yaml.NewEncoder(&out)
	enc.SetIndent(2)
	if err := enc.Encode(doc); err != nil {
		b.Fatal(err)
	}
	if err := enc.Close(); err != nil {
		b.Fatal(err)
	}
}
