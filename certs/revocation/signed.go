package revocation

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/x509"
	"encoding/asn1"
	"errors"
	"fmt"
	"hash"
)

// maxWhole is the longest list that is held whole, as Ed25519 needs it.
const maxWhole = 16 << 20

// algorithms are those of signatures that clients take, by their object identifiers.
var algorithms = map[string]struct {
	key  x509.PublicKeyAlgorithm
	hash crypto.Hash
}{
	"1.2.840.113549.1.1.11": {x509.RSA, crypto.SHA256}, "1.2.840.113549.1.1.12": {x509.RSA, crypto.SHA384}, "1.2.840.113549.1.1.13": {x509.RSA, crypto.SHA512},
	"1.2.840.10045.4.3.2": {x509.ECDSA, crypto.SHA256}, "1.2.840.10045.4.3.3": {x509.ECDSA, crypto.SHA384}, "1.2.840.10045.4.3.4": {x509.ECDSA, crypto.SHA512},
	"1.3.101.112": {x509.Ed25519, 0},
}

// signed is what a signature is checked with: the digest of what was signed, or all of it.
type signed struct {
	algorithm string // "" before it is known
	hash      hash.Hash
	whole     []byte // until the algorithm is known, and for Ed25519
	signature []byte
}

// Write takes the next of what was signed.
func (s *signed) Write(p []byte) (int, error) {
	if s.hash != nil {
		return s.hash.Write(p)
	}
	if len(s.whole)+len(p) > maxWhole {
		return 0, fmt.Errorf("more than %d MiB, signed with %s, which cannot be checked piece by piece", maxWhole>>20, s.algorithm)
	}
	s.whole = append(s.whole, p...)
	return len(p), nil
}

// by tells with which algorithm it is signed. One that is not known is found when the signature is checked.
func (s *signed) by(oid asn1.ObjectIdentifier) {
	s.algorithm = oid.String()
	a, known := algorithms[s.algorithm]
	if known && a.hash == 0 {
		return
	}
	s.hash = crypto.SHA256.New()
	if known {
		s.hash = a.hash.New()
	}
	s.hash.Write(s.whole)
	s.whole = nil
}

// check checks the signature with the key of a CA.
func (s *signed) check(ca *x509.Certificate) error {
	a, known := algorithms[s.algorithm]
	if !known {
		return fmt.Errorf("the algorithm %s is not one that clients take", s.algorithm)
	}
	valid := false
	switch key := ca.PublicKey.(type) {
	case *rsa.PublicKey:
		valid = a.key == x509.RSA && rsa.VerifyPKCS1v15(key, a.hash, s.hash.Sum(nil), s.signature) == nil
	case *ecdsa.PublicKey:
		valid = a.key == x509.ECDSA && ecdsa.VerifyASN1(key, s.hash.Sum(nil), s.signature)
	case ed25519.PublicKey:
		valid = a.key == x509.Ed25519 && ed25519.Verify(key, s.whole, s.signature)
	}
	if !valid {
		return errors.New("the signature is not valid")
	}
	return nil
}
