package encoding

import (
	"bytes"
	"crypto"
	"crypto/x509"
	"encoding/asn1"
	"errors"
	"fmt"

	"certgen/certs/pki"
)

// tagSequence is the first byte of every DER structure that is read here: a constructed SEQUENCE.
const tagSequence = 0x30

// maxKeyBytes bounds a private key's DER: RSA with 16,384 bits, the most that OpenSSL verifies with
// (OPENSSL_RSA_MAX_MODULUS_BITS), takes 9,300 bytes. Checking a larger one takes minutes.
const maxKeyBytes = 10 << 10

// errNotDER says that bytes are no whole DER structure.
var errNotDER = errors.New("it is damaged or cut off: not DER")

// errBER says that bytes are in the wider encoding of which DER is the strict part.
var errBER = pki.Problem{Reason: "it is in BER with an indefinite length, which is not read: DER is",
	Hint: "let openssl rewrite it: openssl pkcs7 -inform DER -in FILE -print_certs, or openssl pkcs12 -in FILE"}

// IsDER tells DER, or what is left of it, from text that begins with the digit 0, as a SEQUENCE does.
func IsDER(data []byte) bool {
	if data[0] != tagSequence {
		return false
	}
	first, _ := fieldTags(data)
	return first >= 0 || len(data) > 1 && data[1] >= 0x80
}

// readDER reads one or more DER structures that follow each other.
func (r *reader) readDER(data []byte) error {
	for n := 1; len(data) > 0; n++ {
		element, rest, err := cutElement(data)
		if err != nil {
			if n > 1 {
				r.note("%d bytes after the last DER structure were skipped", len(data))
				return nil
			}
			return fmt.Errorf("the input: %w", err)
		}
		if err := r.readElement(element, fmt.Sprintf("DER structure %d", n)); err != nil {
			return err
		}
		data = rest
	}
	return nil
}

// cutElement splits the first DER SEQUENCE off data.
func cutElement(data []byte) (element, rest []byte, err error) {
	if len(data) > 1 && data[0] == tagSequence && data[1] == 0x80 {
		return nil, nil, errBER
	}
	var raw asn1.RawValue
	rest, err = asn1.Unmarshal(data, &raw)
	if err != nil || raw.FullBytes[0] != tagSequence {
		return nil, nil, errNotDER
	}
	return raw.FullBytes, rest, nil
}

// readElement reads one DER structure. The first two fields tell which of the known ones it is.
func (r *reader) readElement(der []byte, what string) error {
	first, second := fieldTags(der)
	switch {
	case bytes.HasPrefix(der, []byte{tagSequence, 0x80}):
		return fmt.Errorf("%s: %w", what, errBER)
	case first == asn1.TagOID:
		return r.readPKCS7(der, what)
	case first == asn1.TagInteger && second == asn1.TagSequence && isPFX(der):
		return r.readPKCS12(der)
	case first == asn1.TagInteger: // PKCS#8, PKCS#1 or SEC 1
		return r.addKey(der, "the private key in "+what)
	case first == asn1.TagSequence && second == asn1.TagOctetString:
		return r.addEncryptedKey(der, "the private key in "+what, r.ask)
	}
	err := r.addCertificate(der, what)
	if err != nil {
		if _, notRequest := x509.ParseCertificateRequest(der); notRequest == nil {
			return fmt.Errorf("%s: %w", what, ErrRequest)
		}
	}
	return err
}

// fieldTags returns the tags of the first two fields of a SEQUENCE, -1 for one that is not there.
func fieldTags(der []byte) (first, second int) {
	var outer, a, b asn1.RawValue
	if _, err := asn1.Unmarshal(der, &outer); err != nil {
		return -1, -1
	}
	rest, err := asn1.Unmarshal(outer.Bytes, &a)
	if err != nil {
		return -1, -1
	}
	if _, err := asn1.Unmarshal(rest, &b); err != nil {
		return a.Tag, -1
	}
	return a.Tag, b.Tag
}

// parsePrivateKey reads a private key in PKCS#8, PKCS#1 or SEC 1 form. Its errors hold nothing
// of the key.
func parsePrivateKey(der []byte) (crypto.Signer, error) {
	if len(der) > maxKeyBytes {
		return nil, fmt.Errorf("it has %d bytes, more than %d: no TLS server takes such a key", len(der), maxKeyBytes)
	}
	key, err := x509.ParsePKCS8PrivateKey(der)
	if err != nil {
		key, err = x509.ParsePKCS1PrivateKey(der)
	}
	if err != nil {
		key, err = x509.ParseECPrivateKey(der)
	}
	if err != nil { // what x509 says may quote the key
		return nil, pki.KeyProblem(der)
	}
	signer, ok := key.(crypto.Signer)
	if !ok {
		return nil, errors.New("it is for key agreement and cannot sign, so no certificate fits it")
	}
	return signer, nil
}

// encryptedKey is EncryptedPrivateKeyInfo (RFC 5958).
type encryptedKey struct {
	Scheme scheme
	Data   []byte
}

// addEncryptedKey decrypts a PKCS#8 key with the password that ask returns, and keeps the key.
func (r *reader) addEncryptedKey(der []byte, what string, ask Password) error {
	var k encryptedKey
	if err := unmarshal(der, &k); err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	open, err := r.budget.open(k.Scheme)
	if err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	password, err := ask(what)
	if err != nil {
		return err
	}
	plain, err := open.decrypt(k.Data, password)
	if err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	// One wrong password in 256 passes for a right one until here.
	if _, _, err := cutElement(plain); err != nil {
		return fmt.Errorf("%s: %w", what, ErrPassword)
	}
	return r.addKey(plain, what)
}

// unmarshal reads one DER structure that takes up all of der.
func unmarshal(der []byte, value any) error {
	if rest, err := asn1.Unmarshal(der, value); err != nil || len(rest) > 0 {
		return errNotDER // what asn1 says names Go types
	}
	return nil
}
