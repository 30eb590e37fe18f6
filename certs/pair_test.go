package certs

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"
	"encoding/hex"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"certgen/certs/pki"
	"certgen/internal/pkitest"
)

// TestPEM: what a pair renders is what a TLS server loads and what ParsePair reads back.
func TestPEM(t *testing.T) {
	t.Parallel()
	root := pkitest.Authority(t, "Root", nil, nil)
	lower := pkitest.Authority(t, "Lower", root, nil)
	issuers := map[string]Issuer{"self-signed": SelfSigned{}, "CA": caOf(t, root), "three levels": caOf(t, lower, root), "no root": caOf(t, lower)}
	for name, issuer := range issuers {
		for _, algorithm := range []string{"ecdsa", "rsa", "ed25519"} {
			pair, _, err := Issue(request(t, Spec{DNSNames: []string{"web.example"}, KeyAlgorithm: algorithm}), issuer, time.Now())
			if err != nil {
				t.Fatalf("%s, %s: %v", name, algorithm, err)
			}
			text, err := pair.PEM()
			if err != nil {
				t.Fatal(err)
			}
			if _, err := tls.X509KeyPair(text.Cert, text.Key); err != nil {
				t.Errorf("%s, %s: %v", name, algorithm, err)
			}
			if !bytes.HasPrefix(text.Key, []byte("-----BEGIN PRIVATE KEY-----\n")) {
				t.Errorf("%s, %s: the key is %.40s", name, algorithm, text.Key)
			}
			back, err := pki.ParsePair(text)
			if err != nil {
				t.Fatalf("%s, %s: %v", name, algorithm, err)
			}
			if !back.Leaf.Equal(pair.Leaf) || !slices.EqualFunc(back.Intermediates, pair.Intermediates, (*x509.Certificate).Equal) ||
				!pkitest.SameKey(back.Key, pair.Key) || (back.Root == nil) != (pair.Root == nil) || back.Root != nil && !back.Root.Equal(pair.Root) {
				t.Errorf("%s, %s: %+v was read back as %+v", name, algorithm, pair, back)
			}
		}
	}
}

// TestParsePairForms reads the forms in which other tools write a key.
func TestParsePairForms(t *testing.T) {
	t.Parallel()
	keys := pkitest.KeysOfEachKind()
	for _, test := range []struct {
		kind, label string
		encode      func() ([]byte, error)
	}{
		{"RSA 2048", "RSA PRIVATE KEY", func() ([]byte, error) {
			return x509.MarshalPKCS1PrivateKey(keys["RSA 2048"].(*rsa.PrivateKey)), nil
		}},
		{"P-256", "EC PRIVATE KEY", func() ([]byte, error) { return x509.MarshalECPrivateKey(keys["P-256"].(*ecdsa.PrivateKey)) }},
		{"Ed25519", "PRIVATE KEY", func() ([]byte, error) { return x509.MarshalPKCS8PrivateKey(keys["Ed25519"]) }},
	} {
		der, err := test.encode()
		if err != nil {
			t.Fatal(err)
		}
		cert := pkitest.Issue(t, "web.example", nil, keys[test.kind], nil).Cert
		// openssl ecparam -genkey writes the curve before the key; text between blocks is skipped, too.
		key := pkitest.PEMOf("EC PARAMETERS", []byte{6, 0}) + "a note\r\n" + strings.ReplaceAll(pkitest.PEMOf(test.label, der), "\n", "\r\n")
		if pair, err := pki.ParsePair(pki.PEM{Cert: pki.EncodeCertificates(cert), Key: []byte(key)}); err != nil || !pkitest.SameKey(pair.Key, keys[test.kind]) {
			t.Errorf("%s: %v", test.label, err)
		}
	}
}

func TestNamesAndFingerprint(t *testing.T) {
	t.Parallel()
	pair, _, err := Issue(request(t, Spec{DNSNames: []string{"*.example", "a"}, IPAddresses: []string{"192.0.2.1", "::1"},
		URIs: []string{"x://y"}, EmailAddresses: []string{"ops@example"}}), SelfSigned{}, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	if got := pki.List(pair.Names()); got != "*.example, a, 192.0.2.1, ::1, x://y, ops@example" {
		t.Errorf("names %s", got)
	}
	if got := pair.Fingerprint(); !regexp.MustCompile(`^([0-9A-F]{2}:){31}[0-9A-F]{2}$`).MatchString(got) {
		t.Errorf("fingerprint %s", got)
	}
}

// TestFingerprintAsOpenSSL compares it with the one that people compare it with.
func TestFingerprintAsOpenSSL(t *testing.T) {
	t.Parallel()
	pair, _, err := Issue(request(t, webSpec), SelfSigned{}, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	path := t.TempDir() + "/crt"
	pkitest.Write(t, path, string(pki.EncodeCertificates(pair.Leaf)))
	if got := string(pkitest.RunTool(t, "openssl", "x509", "-in", path, "-noout", "-fingerprint", "-sha256")); !strings.HasSuffix(got, "="+pair.Fingerprint()+"\n") {
		t.Errorf("openssl says %s, we say %s", got, pair.Fingerprint())
	}
}

// FuzzParsePair: whatever a store holds, reading it ends, and an error about a key is one of our own
// sentences, with nothing of the key in it.
func FuzzParsePair(f *testing.F) {
	pair, _, err := Issue(request(f, webSpec), SelfSigned{}, time.Now())
	if err != nil {
		f.Fatal(err)
	}
	text, err := pair.PEM()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(text.Cert, text.Key, text.CA)
	f.Add(text.Key, text.Cert, []byte(nil))
	f.Add(text.Cert, text.Key[:100], text.CA[:100])
	f.Add(text.Cert, []byte(pkitest.PEMOf("RSA PRIVATE KEY", []byte{0x30, 0})), []byte("-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n"))
	f.Add(text.Cert, []byte(pkitest.PEMOf("ENCRYPTED PRIVATE KEY", nil)), []byte(" "))
	sentences := []string{
		"tls.key: no PEM private key in it",
		"tls.key: the private key is encrypted",
		"tls.key: the private key cannot be read: it is damaged or of an unknown kind",
		"tls.key: the private key cannot sign",
		"tls.key does not belong to the certificate in tls.crt",
	}
	f.Fuzz(func(t *testing.T, cert, key, ca []byte) {
		pair, err := pki.ParsePair(pki.PEM{Cert: cert, Key: key, CA: ca})
		switch {
		case err == nil && (pair.Leaf == nil || pair.Key == nil || !pki.Certifies(pair.Leaf, pair.Key)):
			t.Fatalf("no error, and the pair is %+v", pair)
		case err != nil && strings.HasPrefix(err.Error(), "tls.key") && !slices.Contains(sentences, err.Error()):
			t.Fatalf("the error may repeat the key: %v", err)
		case err != nil && len(key) > 0 && strings.Contains(err.Error(), hex.EncodeToString(key)):
			t.Fatalf("the error repeats the key: %v", err)
		}
	})
}
