package pki

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"slices"
)

// PEM is a key pair as it stands in a store, under the names of a Secret of type kubernetes.io/tls:
// tls.crt (the leaf, then intermediates), tls.key (PKCS#8) and ca.crt (the root; empty where it is not
// known). All empty means that the store holds nothing.
type PEM struct {
	Cert, Key, CA []byte
}

// Empty reports whether the store held nothing at all.
func (p PEM) Empty() bool { return len(p.Cert)+len(p.Key)+len(p.CA) == 0 }

// KeyPair is a private key with the certificate of its public key and what clients need to verify it.
type KeyPair struct {
	Key           crypto.Signer
	Leaf          *x509.Certificate
	Intermediates []*x509.Certificate // from the leaf's issuer upwards, the root left out
	Root          *x509.Certificate   // the trust anchor: the leaf itself if self-signed, nil if unknown
}

const (
	pemCertificate = "CERTIFICATE"
	PEMPrivateKey  = "PRIVATE KEY"
	pemPKCS1       = "RSA PRIVATE KEY"
	pemSEC1        = "EC PRIVATE KEY"
)

// PEM renders the pair.
func (p *KeyPair) PEM() (PEM, error) {
	key, err := EncodeKey(p.Key)
	if err != nil {
		return PEM{}, err
	}
	out := PEM{Cert: EncodeCertificates(append([]*x509.Certificate{p.Leaf}, p.Intermediates...)...), Key: key}
	switch {
	case p.Root == p.Leaf && len(p.Intermediates) == 0:
		out.CA = slices.Clone(out.Cert)
	case p.Root != nil:
		out.CA = EncodeCertificates(p.Root)
	}
	return out, nil
}

// EncodeKey returns a private key as PEM. It is PKCS#8 whatever its algorithm: every reader takes that
// form, while OpenSSL and nginx refuse the algorithm-specific label that some tools give Ed25519 keys.
func EncodeKey(key crypto.Signer) ([]byte, error) {
	der, err := marshalPKCS8(key)
	if err != nil {
		return nil, fmt.Errorf("encode the private key: %w", err)
	}
	return encodePEM(PEMPrivateKey, der), nil
}

// KeyEncoding is the form of a private key in PEM.
type KeyEncoding string

// The encodings, under cert-manager's names.
const (
	PKCS8 KeyEncoding = "PKCS8" // the default
	PKCS1 KeyEncoding = "PKCS1" // RFC 8017 for RSA, and for ECDSA SEC 1; an Ed25519 key has neither and stays PKCS#8
)

// EncodeKeyAs is [EncodeKey] in another encoding, for programs that read no other.
func EncodeKeyAs(key crypto.Signer, encoding KeyEncoding) ([]byte, error) {
	if encoding == PKCS1 {
		switch key := key.(type) {
		case *rsa.PrivateKey:
			return encodePEM(pemPKCS1, x509.MarshalPKCS1PrivateKey(key)), nil
		case *ecdsa.PrivateKey:
			der, err := x509.MarshalECPrivateKey(key)
			if err != nil {
				return nil, fmt.Errorf("encode the private key: %w", err)
			}
			return encodePEM(pemSEC1, der), nil
		}
	}
	return EncodeKey(key)
}

// KeyEncodingOf tells in which encoding PEM text holds a private key.
func KeyEncodingOf(text []byte) KeyEncoding {
	if bytes.Contains(text, []byte(PEMBegin+pemPKCS1)) || bytes.Contains(text, []byte(PEMBegin+pemSEC1)) {
		return PKCS1
	}
	return PKCS8
}

// pkcs8P256 is what stands in PKCS#8 before the private number of a P-256 key, and between it and the public point.
var pkcs8P256 = [2]string{
	"\x30\x81\x87\x02\x01\x00\x30\x13\x06\x07\x2a\x86\x48\xce\x3d\x02\x01\x06\x08\x2a\x86\x48\xce\x3d\x03\x01\x07\x04\x6d\x30\x6b\x02\x01\x01\x04\x20",
	"\xa1\x44\x03\x42\x00",
}

// marshalPKCS8 is [x509.MarshalPKCS8PrivateKey], for the usual key without encoding/asn1, which took a fifteenth of the
// time of issuing a certificate.
func marshalPKCS8(key crypto.Signer) ([]byte, error) {
	if ec, ok := key.(*ecdsa.PrivateKey); ok && ec.Curve == elliptic.P256() {
		number, err := ec.Bytes()
		if err != nil {
			return nil, err
		}
		point, err := ec.PublicKey.Bytes()
		if err != nil {
			return nil, err
		}
		return slices.Concat([]byte(pkcs8P256[0]), number, []byte(pkcs8P256[1]), point), nil
	}
	return x509.MarshalPKCS8PrivateKey(key)
}

// EncodeCertificates returns the certificates as PEM, in the order given.
func EncodeCertificates(certs ...*x509.Certificate) []byte {
	blocks := make([][]byte, len(certs))
	for i, c := range certs {
		blocks[i] = c.Raw
	}
	return encodePEM(pemCertificate, blocks...)
}

// encodePEM writes one block behind the other. A buffer that had to grow would take two thirds of the time.
func encodePEM(kind string, blocks ...[]byte) []byte {
	var b bytes.Buffer
	for _, der := range blocks {
		b.Grow(len(der)*7/5 + 80) // base64, line breaks, and the lines around them
		// Encode fails only if the writer does, and a Buffer does not.
		_ = pem.Encode(&b, &pem.Block{Type: kind, Bytes: der})
	}
	return b.Bytes()
}

// ParsePair reads a pair back from a store and checks that key and certificate belong together. It takes
// exactly what a TLS server takes. The error says what is broken and never repeats the data.
func ParsePair(p PEM) (*KeyPair, error) {
	chain, err := ParseCertificates(p.Cert)
	if err != nil {
		return nil, fmt.Errorf("tls.crt: %w", err)
	}
	key, err := ParseKey(p.Key)
	if err != nil {
		return nil, fmt.Errorf("tls.key: %w", err)
	}
	pair := &KeyPair{Key: key, Leaf: chain[0], Intermediates: chain[1:]}
	if !pair.matches() {
		return nil, errors.New("tls.key does not belong to the certificate in tls.crt")
	}
	if len(bytes.TrimSpace(p.CA)) > 0 {
		roots, err := ParseCertificates(p.CA)
		if err != nil {
			return nil, fmt.Errorf("ca.crt: %w", err)
		}
		pair.Root = roots[0]
	}
	return pair, nil
}

// matches reports whether the leaf certifies the pair's key.
func (p *KeyPair) matches() bool { return Certifies(p.Leaf, p.Key) }

// Certifies reports whether c is a certificate of the key.
func Certifies(c *x509.Certificate, key crypto.Signer) bool {
	pub, ok := key.Public().(interface{ Equal(crypto.PublicKey) bool })
	return ok && pub.Equal(c.PublicKey)
}

// ParseCertificates returns the certificates of a PEM text in their order, at least one.
func ParseCertificates(data []byte) ([]*x509.Certificate, error) {
	var certs []*x509.Certificate
	for rest := data; ; {
		var block *pem.Block
		if block, rest = pem.Decode(rest); block == nil {
			break
		}
		if block.Type != pemCertificate {
			continue
		}
		c, err := ParseCertificate(block.Bytes)
		if err != nil {
			return nil, fmt.Errorf("certificate %d cannot be read: %w", len(certs)+1, err)
		}
		certs = append(certs, c)
	}
	if len(certs) == 0 {
		return nil, errors.New("no PEM certificate in it")
	}
	return certs, nil
}

// ParseKey returns the first private key of a PEM text, in PKCS#8, PKCS#1 or SEC 1 form.
func ParseKey(data []byte) (crypto.Signer, error) {
	for rest := data; ; {
		var block *pem.Block
		if block, rest = pem.Decode(rest); block == nil {
			return nil, errors.New("no PEM private key in it")
		}
		if block.Type == "ENCRYPTED PRIVATE KEY" || block.Headers["DEK-Info"] != "" {
			return nil, Problem{Reason: "the private key is encrypted", Hint: "decrypt it first: openssl pkey -in FILE -out NEW, where only you can read it"}
		}
		var key any
		var err error
		switch block.Type {
		case PEMPrivateKey:
			key, err = x509.ParsePKCS8PrivateKey(block.Bytes)
		case pemPKCS1:
			key, err = x509.ParsePKCS1PrivateKey(block.Bytes)
		case pemSEC1:
			key, err = x509.ParseECPrivateKey(block.Bytes)
		default:
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("the private key cannot be read: %w", KeyProblem(block.Bytes)) // err may quote the input
		}
		signer, ok := key.(crypto.Signer)
		if !ok {
			return nil, errors.New("the private key cannot sign")
		}
		return signer, nil
	}
}

// Names are the leaf's subject alternative names as text: hosts, addresses, URIs, e-mail addresses.
func (p *KeyPair) Names() []string {
	names := slices.Clone(p.Leaf.DNSNames)
	names = append(names, IPTexts(p.Leaf.IPAddresses)...)
	names = append(names, Texts(p.Leaf.URIs)...)
	return append(names, p.Leaf.EmailAddresses...)
}

// Fingerprint is that of the leaf.
func (p *KeyPair) Fingerprint() string { return Fingerprint(p.Leaf) }

// Fingerprint is the SHA-256 of a certificate, written as browsers and openssl show it.
func Fingerprint(c *x509.Certificate) string {
	sum := sha256.Sum256(c.Raw)
	return colons(sum[:])
}
