package encoding

import (
	"crypto/sha1"
	"crypto/subtle"
	"encoding/binary"
	"errors"
	"fmt"
	"unicode/utf16"

	"certgen/certs/pki"
)

// Java's own keystore has no specification but its source, sun.security.provider.JavaKeyStore. keystore-go,
// which writes it here ([EncodeJKS]), does not read it: it makes room for whatever length a file
// claims, four gigabytes at once (TestHostileJKS), so that a guard would have to walk all of the file first,
// which is most of reading it; and it knows no password beyond Latin-1, which keytool does
// (TestPasswordsThatKeystoreGoDoesNotTake).

// The first bytes of Java's two own forms of a keystore.
const (
	JKSMagic   = "\xfe\xed\xfe\xed"
	JCEKSMagic = "\xce\xce\xce\xce"
)

const jksWhat = "the Java keystore"

var errJKS = errors.New("it is damaged or cut off")

// jksKey is a private key that is still locked.
type jksKey struct {
	alias string
	der   []byte
}

// readJKS reads a Java keystore. Only its keys are encrypted, so one of certificates alone is read
// without a password, as keytool does.
func (r *reader) readJKS(data []byte) error {
	keys, body, err := r.readEntries(data)
	if err != nil {
		return fmt.Errorf("%s: %w", jksWhat, err)
	}
	if len(keys) == 0 {
		r.note("the checksum of %s was not compared: it needs the password, and nothing else does", jksWhat)
		return nil
	}
	if err := pki.FIPSRefuses("SHA-1"); err != nil {
		return fmt.Errorf("%s: %w", jksWhat, err)
	}
	password, err := r.ask(jksWhat)
	if err != nil {
		return err
	}
	chars := javaChars(password)
	if subtle.ConstantTimeCompare(jksSum(chars, body), data[len(body):]) == 0 {
		return fmt.Errorf("%s: %w", jksWhat, ErrPassword)
	}
	for _, key := range keys {
		what := fmt.Sprintf("private key %q of %s", pki.Shorten(key.alias), jksWhat)
		der, err := unlockJKS(key.der, chars)
		if err != nil {
			return fmt.Errorf("%s: %w", what, err)
		}
		if err := r.addKey(der, what); err != nil {
			return err
		}
	}
	return nil
}

// readEntries keeps the certificates and returns the locked keys, and the part of data that the
// checksum, which follows it, is made of.
func (r *reader) readEntries(data []byte) (keys []jksKey, body []byte, err error) {
	const (
		keyEntry         = 1
		certificateEntry = 2
	)
	in := javaInput{rest: data[len(JKSMagic):]}
	version := in.uint32()
	if version != 1 && version != 2 {
		return nil, nil, fmt.Errorf("its version %d is not known", version)
	}
	for count := in.uint32(); count > 0 && in.err == nil; count-- {
		kind := in.uint32()
		alias := in.text()
		in.take(8) // when it was made
		certificates := uint32(1)
		switch kind {
		case keyEntry:
			keys = append(keys, jksKey{alias, in.take(in.uint32())})
			certificates = in.uint32()
		case certificateEntry:
		default:
			return nil, nil, errJKS
		}
		for ; certificates > 0 && in.err == nil; certificates-- {
			if version == 2 {
				in.text() // the certificate's type, always X.509
			}
			der := in.take(in.uint32())
			if in.err != nil {
				break
			}
			if err := r.addCertificate(der, fmt.Sprintf("certificate %q", pki.Shorten(alias))); err != nil {
				return nil, nil, err
			}
		}
	}
	if in.err != nil || len(in.rest) != sha1.Size {
		return nil, nil, errJKS
	}
	return keys, data[:len(data)-sha1.Size], nil
}

// unlockJKS decrypts a key: a stream of SHA-1 over the password and the block before, and a checksum.
func unlockJKS(der, chars []byte) ([]byte, error) {
	var k encryptedKey
	if err := unmarshal(der, &k); err != nil {
		return nil, err
	}
	if oid := k.Scheme.Algorithm.String(); oid != "1.3.6.1.4.1.42.2.17.1.1" {
		return nil, unknownEncryption(oid)
	}
	const saltSize = sha1.Size
	if len(k.Data) < saltSize+sha1.Size {
		return nil, errJKS
	}
	block, sum := k.Data[:saltSize], k.Data[len(k.Data)-sha1.Size:]
	plain := make([]byte, len(k.Data)-saltSize-sha1.Size)
	for rest, from := plain, k.Data[saltSize:]; len(rest) > 0; {
		next := sha1.Sum(append(chars[:len(chars):len(chars)], block...))
		block = next[:]
		n := min(len(rest), len(block))
		subtle.XORBytes(rest[:n], from[:n], block)
		rest, from = rest[n:], from[n:]
	}
	want := sha1.Sum(append(chars[:len(chars):len(chars)], plain...))
	if subtle.ConstantTimeCompare(want[:], sum) == 0 {
		return nil, pki.Problem{Reason: "it has another password than the keystore",
			Hint: "give it the same: keytool -keypasswd -keystore FILE -alias NAME"}
	}
	return plain, nil
}

// javaChars encodes a password as Java's characters: UTF-16, big endian.
func javaChars(password []byte) []byte {
	var b []byte
	for _, unit := range utf16.Encode([]rune(string(password))) {
		b = binary.BigEndian.AppendUint16(b, unit)
	}
	return b
}

// javaInput reads what Java's DataOutputStream wrote, never beyond the end. After an error, everything
// it returns is empty.
type javaInput struct {
	rest []byte
	err  error
}

func (in *javaInput) take(n uint32) []byte {
	if uint64(n) > uint64(len(in.rest)) {
		in.rest, in.err = nil, errJKS
		return nil
	}
	taken := in.rest[:n]
	in.rest = in.rest[n:]
	return taken
}

func (in *javaInput) uint32() uint32 {
	if b := in.take(4); b != nil {
		return binary.BigEndian.Uint32(b)
	}
	return 0
}

func (in *javaInput) text() string {
	if b := in.take(2); b != nil {
		return string(in.take(uint32(binary.BigEndian.Uint16(b))))
	}
	return ""
}
