package encoding

import (
	"bytes"
	"crypto/x509"
	"fmt"
	"slices"
	"strings"

	"software.sslmate.com/src/go-pkcs12"

	"certgen/certs/pki"
)

// PKCS12Profile is how a PKCS#12 keystore of a Secret is encrypted, by the name that cert-manager has for it. It is
// go-pkcs12's encoder of that name: https://pkg.go.dev/software.sslmate.com/src/go-pkcs12#pkg-variables
type PKCS12Profile string

// The profiles. LegacyRC2 is cert-manager's default, which OpenSSL 3 reads with -legacy only. Modern2026 is read by
// OpenSSL 3.4 and Java 26.
const (
	LegacyRC2  PKCS12Profile = "LegacyRC2"
	LegacyDES  PKCS12Profile = "LegacyDES"
	Modern2023 PKCS12Profile = "Modern2023"
	Modern2026 PKCS12Profile = "Modern2026"
)

// FieldPKCS12Profile is the field that the problem of [ParsePKCS12Profile] names.
const FieldPKCS12Profile pki.Field = "keystores.pkcs12.profile"

// ParsePKCS12Profile reads the name of a profile; "" is cert-manager's default, [LegacyRC2].
func ParsePKCS12Profile(name string) (PKCS12Profile, error) {
	all := []PKCS12Profile{LegacyRC2, LegacyDES, Modern2023, Modern2026}
	switch p := PKCS12Profile(name); {
	case name == "":
		return LegacyRC2, nil
	case slices.Contains(all, p):
		return p, nil
	}
	return "", pki.Problem{Field: FieldPKCS12Profile, Value: name, Reason: fmt.Sprintf("must be %s, %s, %s or %s", LegacyRC2, LegacyDES, Modern2023, Modern2026)}
}

// Encode writes a keystore as cert-manager does: the pair with its intermediates, and the root beside them if there is
// one. For a nil pair it is a truststore: the root alone, marked as trusted for Java.
func (p PKCS12Profile) Encode(pair *pki.KeyPair, root *x509.Certificate, password string) (out []byte, err error) {
	if err := pki.FIPSRefuses("SHA-1"); err != nil {
		return nil, fmt.Errorf("a PKCS#12 keystore: %w", err)
	}
	if password == "" {
		return nil, errEmptyPassword
	}
	var trusted []*x509.Certificate
	if root != nil {
		trusted = append(trusted, root)
	}
	if pair == nil {
		out, err = p.encoder().EncodeTrustStore(trusted, password)
	} else {
		out, err = p.encoder().Encode(pair.Key, pair.Leaf, slices.Concat(pair.Intermediates, trusted), password)
	}
	if err != nil {
		return nil, fmt.Errorf("encode PKCS#12: %w", err)
	}
	return out, nil
}

// Holds reports whether data is what [PKCS12Profile.Encode] writes, but for the salts.
func (p PKCS12Profile) Holds(data []byte, pair *pki.KeyPair, root *x509.Certificate, password string) bool {
	if !isPFX(data) || profileOf(data) != p {
		return false
	}
	found, err := Read(data, func(string) ([]byte, error) { return []byte(password), nil })
	return err == nil && found.are(pair, root)
}

func (p PKCS12Profile) encoder() *pkcs12.Encoder {
	switch p {
	case LegacyDES:
		return pkcs12.LegacyDES
	case Modern2023:
		return pkcs12.Modern2023
	case Modern2026:
		return pkcs12.Modern2026
	default:
		return pkcs12.LegacyRC2
	}
}

// profileOf tells a profile by the object identifiers, in DER, that stand open in the file: of 40-bit RC2 and
// three-key DES (RFC 7292, appendix C), and of PBMAC1 (RFC 9579).
func profileOf(data []byte) PKCS12Profile {
	const (
		rc2    = "\x06\x0a\x2a\x86\x48\x86\xf7\x0d\x01\x0c\x01\x06"
		pbmac1 = "\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x05\x0e"
	)
	switch text := string(data); {
	case strings.Contains(text, rc2):
		return LegacyRC2
	case bytes.Contains(data, tripleDES):
		return LegacyDES
	case strings.Contains(text, pbmac1):
		return Modern2026
	}
	return Modern2023
}

// are reports whether the material is a pair with its intermediates, and a root before or behind it; or for a nil
// pair the root alone.
func (m *Material) are(pair *pki.KeyPair, root *x509.Certificate) bool {
	var chain, trusted []*x509.Certificate
	if root != nil {
		trusted = append(trusted, root)
	}
	keys := 0
	if pair != nil {
		keys, chain = 1, append(append(chain, pair.Leaf), pair.Intermediates...)
	}
	if len(m.Keys) != keys || keys == 1 && !pki.Certifies(pair.Leaf, m.Keys[0]) {
		return false
	}
	return slices.EqualFunc(m.Certificates, slices.Concat(chain, trusted), (*x509.Certificate).Equal) ||
		slices.EqualFunc(m.Certificates, slices.Concat(trusted, chain), (*x509.Certificate).Equal)
}
