package pki

import (
	"bytes"
	"crypto/dsa" //nolint:staticcheck // certificates for such keys are still met
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"errors"
	"fmt"
	"math/big"
	"slices"
)

// algorithms are names that crypto/x509 does not give, by OID: of keys, of curves and of signatures.
//
//   - X9.62 and SEC 2 curves: https://www.rfc-editor.org/rfc/rfc5480#section-2.1.1.1, https://www.secg.org/sec2-v2.pdf
//   - Brainpool curves: https://www.rfc-editor.org/rfc/rfc5639#section-4.1
//   - Ed448, X25519 and X448: https://www.rfc-editor.org/rfc/rfc8410#section-3
//   - ML-DSA: https://www.rfc-editor.org/rfc/rfc9881#section-2
func algorithms(oid string) string {
	return map[string]string{
		"1.2.840.10045.2.1":       "ECDSA",
		"1.2.840.10040.4.1":       "DSA",
		"1.2.840.113549.1.1.1":    "RSA",
		"1.2.840.113549.1.1.10":   "RSA-PSS",
		"1.3.101.110":             "X25519",
		"1.3.101.111":             "X448",
		"1.3.101.112":             "Ed25519",
		"1.3.101.113":             "Ed448",
		"2.16.840.1.101.3.4.3.17": "ML-DSA-44",
		"2.16.840.1.101.3.4.3.18": "ML-DSA-65",
		"2.16.840.1.101.3.4.3.19": "ML-DSA-87",

		"1.2.840.10045.3.1.1":   "P-192",
		"1.3.132.0.33":          "P-224",
		"1.2.840.10045.3.1.7":   "P-256",
		"1.3.132.0.34":          "P-384",
		"1.3.132.0.35":          "P-521",
		"1.3.132.0.10":          "secp256k1",
		"1.3.36.3.3.2.8.1.1.7":  "brainpoolP256r1",
		"1.3.36.3.3.2.8.1.1.11": "brainpoolP384r1",
		"1.3.36.3.3.2.8.1.1.13": "brainpoolP512r1",

		"1.2.840.113549.1.1.14":  "SHA224-RSA",
		"1.2.840.10045.4.3.1":    "ECDSA-SHA224",
		"2.16.840.1.101.3.4.3.1": "DSA-SHA224",
	}[oid]
}

// KeyName names the public key of a certificate as [KeySpec.String] does, by its OID where crypto/x509 does
// not know it.
func KeyName(c *x509.Certificate) string {
	switch pub := c.PublicKey.(type) {
	case nil:
	case *dsa.PublicKey:
		return fmt.Sprintf("DSA %d", pub.P.BitLen())
	default:
		return KeySpecOf(pub).String()
	}
	var spki struct{ Algorithm pkix.AlgorithmIdentifier }
	if _, err := asn1.Unmarshal(c.RawSubjectPublicKeyInfo, &spki); err != nil {
		return unknownAlgorithm
	}
	return algorithmName(spki.Algorithm)
}

// algorithmName names the algorithm of a key, with its curve.
func algorithmName(algorithm pkix.AlgorithmIdentifier) string {
	name := nameOf(algorithm.Algorithm)
	var curve asn1.ObjectIdentifier
	switch _, err := asn1.Unmarshal(algorithm.Parameters.FullBytes, &curve); {
	case name != "ECDSA":
		return name
	case err != nil:
		return name + " on a curve of its own"
	}
	return name + " " + nameOf(curve)
}

// supportedKeys are the algorithms, as [KeyName] writes them, of keys that crypto/x509 reads: what is wrong with such a
// one is not its kind.
var supportedKeys = []string{"RSA", "ECDSA P-224", "ECDSA P-256", "ECDSA P-384", "ECDSA P-521", "Ed25519", "X25519"}

// KeyProblem says why crypto/x509 does not read a private key in PKCS#8, PKCS#1 or SEC 1 form: it is of a kind that
// has a name, but that crypto/x509 does not know, or it is damaged. It never repeats the key.
func KeyProblem(der []byte) error {
	name := privateKeyName(der)
	if name == "" || slices.Contains(supportedKeys, name) {
		return errors.New("it is damaged or of an unknown kind")
	}
	return WithHint(UnsupportedKey(name), "use a key of type ECDSA (P-256, P-384, P-521), RSA or Ed25519")
}

// UnsupportedKey is the error for a private key of a kind that crypto/x509 does not know, under its name.
type UnsupportedKey string

func (e UnsupportedKey) Error() string {
	return "it is a key of type " + string(e) + ", which is not supported"
}

// privateKeyName names the algorithm of a private key in PKCS#8 or SEC 1 form; "" where der is neither.
func privateKeyName(der []byte) string {
	var pkcs8 struct {
		Version   int
		Algorithm pkix.AlgorithmIdentifier
		Key       []byte
		Rest      []asn1.RawValue `asn1:"optional"`
	}
	if _, err := asn1.Unmarshal(der, &pkcs8); err == nil {
		return algorithmName(pkcs8.Algorithm)
	}
	var sec1 struct {
		Version int
		Key     []byte
		Curve   asn1.ObjectIdentifier `asn1:"optional,explicit,tag:0"`
		Public  asn1.RawValue         `asn1:"optional"`
	}
	if _, err := asn1.Unmarshal(der, &sec1); err == nil && len(sec1.Curve) > 0 {
		return "ECDSA " + nameOf(sec1.Curve)
	}
	return ""
}

// SignatureName names the algorithm that a certificate is signed with.
func SignatureName(c *x509.Certificate) string {
	if c.SignatureAlgorithm != x509.UnknownSignatureAlgorithm {
		return c.SignatureAlgorithm.String()
	}
	var signed struct {
		TBS       asn1.RawValue
		Algorithm pkix.AlgorithmIdentifier
	}
	if _, err := asn1.Unmarshal(c.Raw, &signed); err != nil {
		return unknownAlgorithm
	}
	return nameOf(signed.Algorithm.Algorithm)
}

const unknownAlgorithm = "of an unknown algorithm"

// nameOf names an algorithm by its name, or by its OID where that has none.
func nameOf(oid asn1.ObjectIdentifier) string {
	if name := algorithms(oid.String()); name != "" {
		return name
	}
	return oid.String()
}

// ParseCertificate is [x509.ParseCertificate], but reads a certificate with a key on a curve that is not in
// Go as it does one with a key of an unknown kind: without the key.
func ParseCertificate(der []byte) (*x509.Certificate, error) {
	c, err := x509.ParseCertificate(der)
	if err == nil || !bytes.Contains(der, ecPublicKey) { // most that cannot be parsed is no certificate, and may be large
		return c, err
	}
	var outer struct {
		TBS struct {
			Version                              int `asn1:"optional,explicit,default:0,tag:0"`
			Serial                               *big.Int
			Signature, Issuer, Validity, Subject asn1.RawValue
			Key                                  asn1.RawValue
		}
	}
	der = bytes.Clone(der)
	if _, wrong := asn1.Unmarshal(der, &outer); wrong != nil {
		return nil, err
	}
	// What is parsed points into der, so that the original comes back in all of it.
	last := bytes.Index(outer.TBS.Key.FullBytes, ecPublicKey) + len(ecPublicKey) - 1
	if last < len(ecPublicKey) {
		return nil, err
	}
	original := outer.TBS.Key.FullBytes[last]
	outer.TBS.Key.FullBytes[last] = 0x7f // no algorithm
	c, wrong := x509.ParseCertificate(der)
	outer.TBS.Key.FullBytes[last] = original
	if wrong != nil {
		return nil, err
	}
	return c, nil
}

// ecPublicKey is the encoded OID of elliptic-curve keys.
var ecPublicKey = []byte{0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01}
