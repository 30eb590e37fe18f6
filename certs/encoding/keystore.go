package encoding

import (
	"bytes"
	"crypto/x509"
	"fmt"
	"slices"
	"time"
	"unicode/utf8"

	"github.com/pavlo-v-chernykh/keystore-go/v4"
	"software.sslmate.com/src/go-pkcs12"

	"certgen/certs/pki"
)

// keystoreIterations is how often a keystore's password is hashed: what Java 17 and later write
// (keystore.pkcs12.keyPbeIterationCount in its java.security file), five times OpenSSL's number. More
// would slow every start of the server that reads it, and a weak password stays weak.
const keystoreIterations = 10_000

// javaAlias names the entry in a Java keystore, as cert-manager names it.
const javaAlias = "certificate"

// minJavaPassword is the least number of characters that keytool takes for a password.
const minJavaPassword = 6

var errEmptyPassword error = pki.Problem{Reason: "a keystore without a password would leave the private key open", Hint: "give a password"}

// KeystoreFormat is one of the forms of a keystore.
type KeystoreFormat string

// The keystores that are written. LegacyPKCS12 is PKCS#12 with the encryption of old programs.
const (
	PKCS12       KeystoreFormat = "pkcs12"
	LegacyPKCS12 KeystoreFormat = "legacy pkcs12"
	JKS          KeystoreFormat = "jks"
)

// tripleDES is the object identifier, in DER, of the old encryption of PKCS#12 (RFC 7292, appendix C).
var tripleDES = []byte{0x06, 0x0a, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x0c, 0x01, 0x03}

// KeystoreFormatOf tells the form of a keystore that [Read] has read.
func KeystoreFormatOf(data []byte) KeystoreFormat {
	switch {
	case bytes.HasPrefix(data, []byte(JKSMagic)):
		return JKS
	case bytes.Contains(data, tripleDES):
		return LegacyPKCS12
	}
	return PKCS12
}

// EncodeKeystore writes the pair in a form: see [EncodePKCS12] and [EncodeJKS].
func EncodeKeystore(p *pki.KeyPair, format KeystoreFormat, password string, now time.Time) ([]byte, error) {
	if err := pki.FIPSRefuses("SHA-1"); err != nil {
		return nil, fmt.Errorf("a keystore of the form %s: %w", format, err)
	}
	if format == JKS {
		return EncodeJKS(p, password, now)
	}
	return EncodePKCS12(p, password, format == LegacyPKCS12)
}

// EncodePKCS12 writes the pair with its intermediates and root, if known, as PKCS#12. The encryption is
// AES-256 with PBKDF2, which OpenSSL 1.1.1, Java 12 and Windows Server 2019 read, and what came after
// them; legacy chooses three-key DES and SHA-1, which every program reads and which protects little.
func EncodePKCS12(p *pki.KeyPair, password string, legacy bool) ([]byte, error) {
	if password == "" {
		return nil, errEmptyPassword
	}
	encoder := pkcs12.Modern2023.WithIterations(keystoreIterations)
	if legacy {
		encoder = pkcs12.LegacyDES
	}
	out, err := encoder.Encode(p.Key, p.Leaf, aboveLeaf(p), password)
	if err != nil {
		return nil, fmt.Errorf("encode PKCS#12: %w", err)
	}
	return out, nil
}

// EncodeJKS writes the pair as a Java keystore of the old type JKS, whose protection is weak: Java reads
// PKCS#12 since version 8, which is to be preferred. The password, which is the key's as well, needs six
// characters, as keytool asks, all of them in Latin-1. now is what the entry says of when it was made.
func EncodeJKS(p *pki.KeyPair, password string, now time.Time) ([]byte, error) {
	if n := utf8.RuneCountInString(password); n < minJavaPassword {
		return nil, pki.Problem{Reason: fmt.Sprintf("the password has %d characters; Java's tools want %d or more", n, minJavaPassword),
			Hint: "give a longer password"}
	}
	latin1, err := toLatin1(password)
	if err != nil {
		return nil, err
	}
	der, err := x509.MarshalPKCS8PrivateKey(p.Key)
	if err != nil {
		return nil, fmt.Errorf("encode the private key: %w", err)
	}
	entry := keystore.PrivateKeyEntry{CreationTime: now, PrivateKey: der}
	for _, c := range append([]*x509.Certificate{p.Leaf}, aboveLeaf(p)...) {
		entry.CertificateChain = append(entry.CertificateChain, javaCertificate(c))
	}
	store := keystore.New()
	if err := store.SetPrivateKeyEntry(javaAlias, entry, latin1); err != nil {
		return nil, fmt.Errorf("encode JKS: %w", err)
	}
	var out bytes.Buffer
	if err := store.Store(&out, latin1); err != nil {
		return nil, fmt.Errorf("encode JKS: %w", err)
	}
	return out.Bytes(), nil
}

// aboveLeaf is the chain above the leaf, with the root if it is known: a keystore is one file, and has
// no ca.crt beside it.
func aboveLeaf(p *pki.KeyPair) []*x509.Certificate {
	if p.Root == nil || p.Root.Equal(p.Leaf) {
		return p.Intermediates
	}
	return append(slices.Clip(p.Intermediates), p.Root)
}

// toLatin1 encodes a password as the library wants it, one byte a character.
func toLatin1(password string) ([]byte, error) {
	var b []byte
	for _, c := range password {
		if c > 0xff {
			return nil, pki.Problem{Reason: "the password has a character that is not in Latin-1, which this form of keystore is not written with",
				Hint: "choose another password, or PKCS#12"}
		}
		b = append(b, byte(c))
	}
	return b, nil
}
