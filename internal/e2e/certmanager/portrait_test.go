package certmanager

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/x509"
	"encoding/hex"
	"encoding/pem"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
)

// portrait is what two Secrets of the same Certificate have in common, in words, by where it is said: everything but
// what is random (keys, serial numbers, signatures and what is derived from them) and the time of day.
type portrait map[string]string

// portray returns the portrait of a Secret.
func portray(t testing.TB, s corev1.Secret) portrait {
	t.Helper()
	p := portrait{
		"type":      string(s.Type),
		"immutable": fmt.Sprint(s.Immutable != nil && *s.Immutable),
		"data":      strings.Join(slices.Sorted(maps.Keys(s.Data)), " "),
	}
	for name, value := range s.Labels {
		p["label "+name] = strconv.Quote(value)
	}
	for name, value := range s.Annotations {
		p["annotation "+name] = strconv.Quote(value)
	}
	parts := p.certificates(t, "tls.crt", s.Data["tls.crt"], nil)
	parts = p.certificates(t, "ca.crt", s.Data["ca.crt"], parts)
	key := p.key(t, s.Data["tls.key"])
	if der, there := s.Data["key.der"]; there {
		block, _ := pem.Decode(s.Data["tls.key"])
		p["key.der"] = fmt.Sprint("tls.key without PEM: ", bytes.Equal(der, block.Bytes))
	}
	if combined, there := s.Data["tls-combined.pem"]; there {
		p["tls-combined.pem"] = fmt.Sprint("tls.key, a line feed, tls.crt: ", bytes.Equal(combined, slices.Concat(s.Data["tls.key"], []byte("\n"), s.Data["tls.crt"])))
	}
	p.keystores(t, s.Data, parts, key)
	return p
}

// parts are the certificates of a Secret, by where they are.
type parts map[string]string

// name returns where a certificate is in the Secret.
func (p parts) name(der []byte) string {
	if where, ok := p[string(der)]; ok {
		return where
	}
	return "a certificate that is nowhere else"
}

// certificates portrays the certificates of one of a Secret's data keys.
func (p portrait) certificates(t testing.TB, at string, text []byte, seen parts) parts {
	t.Helper()
	if seen == nil {
		seen = parts{}
	}
	var again []byte
	for i, rest := 0, text; ; i++ {
		var block *pem.Block
		if block, rest = pem.Decode(rest); block == nil {
			p[at] = fmt.Sprintf("%d certificates, as encoding/pem writes them: %v", i, bytes.Equal(again, text))
			return seen
		}
		again = append(again, pem.EncodeToMemory(block)...)
		cert, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			t.Fatalf("%s: %v", at, err)
		}
		where := fmt.Sprintf("%s[%d]", at, i)
		if before, ok := seen[string(cert.Raw)]; ok {
			p[where] = "is " + before
			continue
		}
		seen[string(cert.Raw)] = where
		p.certificate(where, cert)
	}
}

func (p portrait) certificate(where string, cert *x509.Certificate) {
	p[where+" version"] = strconv.Itoa(cert.Version)
	p[where+" subject"] = cert.Subject.String() + " " + hex.EncodeToString(cert.RawSubject)
	p[where+" issuer"] = cert.Issuer.String() + " " + hex.EncodeToString(cert.RawIssuer)
	p[where+" signature"] = cert.SignatureAlgorithm.String()
	p[where+" key"] = publicKey(cert.PublicKey)
	p[where+" life"] = cert.NotAfter.Sub(cert.NotBefore).String()
	for _, extension := range cert.Extensions {
		value := hex.EncodeToString(extension.Value)
		switch extension.Id.String() {
		case "2.5.29.14": // the subject's key
			value = "the key's"
		case "2.5.29.35": // the issuer's key
			value = fmt.Sprint("that of the certificate itself: ", bytes.Equal(cert.AuthorityKeyId, cert.SubjectKeyId))
		}
		if extension.Critical {
			value = "critical " + value
		}
		p[where+" extension "+extension.Id.String()] += value
	}
}

// publicKey says of what kind a key is.
func publicKey(key crypto.PublicKey) string {
	switch key := key.(type) {
	case *rsa.PublicKey:
		return fmt.Sprintf("RSA %d, exponent %d", key.N.BitLen(), key.E)
	case *ecdsa.PublicKey:
		return "ECDSA " + key.Curve.Params().Name
	case ed25519.PublicKey:
		return "Ed25519"
	}
	return fmt.Sprintf("%T", key)
}

// key portrays a Secret's private key and returns it.
func (p portrait) key(t testing.TB, text []byte) crypto.Signer {
	t.Helper()
	block, rest := pem.Decode(text)
	if block == nil {
		t.Fatalf("tls.key is not PEM")
	}
	var key any
	var err error
	var again []byte
	switch block.Type {
	case "RSA PRIVATE KEY":
		var k *rsa.PrivateKey
		if k, err = x509.ParsePKCS1PrivateKey(block.Bytes); err == nil {
			key, again = k, x509.MarshalPKCS1PrivateKey(k)
		}
	case "EC PRIVATE KEY":
		var k *ecdsa.PrivateKey
		if k, err = x509.ParseECPrivateKey(block.Bytes); err == nil {
			key = k
			again, err = x509.MarshalECPrivateKey(k)
		}
	default:
		if key, err = x509.ParsePKCS8PrivateKey(block.Bytes); err == nil {
			again, err = x509.MarshalPKCS8PrivateKey(key)
		}
	}
	if err != nil {
		t.Fatalf("tls.key: %v", err)
	}
	signer := key.(crypto.Signer)
	p["tls.key"] = fmt.Sprintf("%s, %s, %d bytes after it, encoded as Go does: %v", block.Type, publicKey(signer.Public()), len(rest), bytes.Equal(again, block.Bytes))
	return signer
}

// differences returns where two portraits are not the same, by where that is.
func differences(real, ours portrait) map[string]string {
	found := map[string]string{}
	for _, p := range []portrait{real, ours} {
		for where := range p {
			a, inReal := real[where]
			b, inOurs := ours[where]
			if a != b || inReal != inOurs {
				found[where] = fmt.Sprintf("cert-manager %s, certgen %s", orNothing(a, inReal), orNothing(b, inOurs))
			}
		}
	}
	return found
}

func orNothing(text string, there bool) string {
	if !there {
		return "has none"
	}
	return text
}
