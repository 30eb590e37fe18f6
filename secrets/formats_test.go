package secrets

import (
	"bytes"
	"crypto"
	"crypto/x509"
	"maps"
	"slices"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"

	"certgen/certs/encoding"
	"certgen/certs/pki"
	"certgen/internal/pkitest"
)

// formatted is a Secret of a pair in formats, made where existing was.
func formatted(t *testing.T, pair pki.PEM, f Formats, existing *corev1.Secret) *corev1.Secret {
	t.Helper()
	s := New(Meta{Name: "web"}, pair, false)
	if err := f.AddTo(s, existing); err != nil {
		t.Fatal(err)
	}
	return s
}

// TestFormats: the formats hold the pair, stay byte for byte as long as they do, and are gone when nobody wants them.
func TestFormats(t *testing.T) {
	t.Parallel()
	pairOf := func(host string, root bool) pki.PEM {
		ca := pkitest.Authority(t, "Root", nil, nil)
		leaf := pkitest.Issue(t, host, ca, pkitest.ECKey(t), nil)
		p := &pki.KeyPair{Key: leaf.Key, Leaf: leaf.Cert}
		if root {
			p.Root = ca.Cert
		}
		text, err := p.PEM()
		if err != nil {
			t.Fatal(err)
		}
		return text
	}
	text := pairOf("a.example", true)
	all := Formats{DER: true, CombinedPEM: true, JKS: &JKS{Password: "jks"}, PKCS12: &PKCS12{encoding.Modern2023, "p12"}}
	first := formatted(t, text, all, nil)
	if got, want := slices.Sorted(maps.Keys(first.Data)), []string{"ca.crt", "key.der", "keystore.jks", "keystore.p12", "tls-combined.pem", "tls.crt", "tls.key", "truststore.jks", "truststore.p12"}; !slices.Equal(got, want) {
		t.Errorf("keys %q, want %q", got, want)
	}
	key, err := pki.ParseKey(text.Key)
	if err != nil {
		t.Fatal(err)
	}
	if der, err := x509.ParsePKCS8PrivateKey(first.Data["key.der"]); err != nil || !pkitest.SameKey(key, der.(crypto.Signer)) {
		t.Errorf("key.der: %v, %v", der, err)
	}
	if want := string(text.Key) + "\n" + string(text.Cert); string(first.Data["tls-combined.pem"]) != want {
		t.Errorf("tls-combined.pem is %q, want %q", first.Data["tls-combined.pem"], want)
	}

	again := formatted(t, text, all, first)
	if !maps.EqualFunc(again.Data, first.Data, bytes.Equal) {
		t.Error("a second run changes what fits")
	}
	password := all
	password.JKS = &JKS{Password: "another"}
	changed := formatted(t, text, password, first)
	for key := range first.Data {
		if same := bytes.Equal(changed.Data[key], first.Data[key]); same == strings.HasSuffix(key, ".jks") {
			t.Errorf("with another JKS password %s is the same: %v", key, same)
		}
	}
	next := formatted(t, pairOf("b.example", false), all, first)
	for _, key := range []string{DERKey, CombinedPEMKey, JKSKey, PKCS12Key} {
		if bytes.Equal(next.Data[key], first.Data[key]) {
			t.Errorf("a new pair leaves %s as it was", key)
		}
	}
	if next.Data["truststore.jks"] != nil || next.Data["truststore.p12"] != nil {
		t.Error("a truststore without a root")
	}
	plain := formatted(t, text, Formats{}, first)
	KeepForeign(plain, first)
	if len(plain.Data) != 3 {
		t.Errorf("without formats it has %q", slices.Sorted(maps.Keys(plain.Data)))
	}
}
