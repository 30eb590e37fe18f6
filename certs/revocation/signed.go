package revocation

import (
	"cmp"
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

// algorithmNamed finds an algorithm of signatures by its object identifier, of those that clients take.
func algorithmNamed(oid string) (key x509.PublicKeyAlgorithm, hash crypto.Hash, known bool) {
	switch oid {
	case "1.2.840.113549.1.1.11":
		return x509.RSA, crypto.SHA256, true
	case "1.2.840.113549.1.1.12":
		return x509.RSA, crypto.SHA384, true
	case "1.2.840.113549.1.1.13":
		return x509.RSA, crypto.SHA512, true
	case "1.2.840.10045.4.3.2":
		return x509.ECDSA, crypto.SHA256, true
	case "1.2.840.10045.4.3.3":
		return x509.ECDSA, crypto.SHA384, true
	case "1.2.840.10045.4.3.4":
		return x509.ECDSA, crypto.SHA512, true
	case "1.3.101.112":
		return x509.Ed25519, 0, true
	}
	return 0, 0, false
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
	_, hash, known := algorithmNamed(s.algorithm)
	if known && hash == 0 {
		return
	}
	s.hash = cmp.Or(hash, crypto.SHA256).New()
	s.hash.Write(s.whole)
	s.whole = nil
}

// check checks the signature with the key of a CA.
func (s *signed) check(ca *x509.Certificate) error {
	algorithm, hash, known := algorithmNamed(s.algorithm)
	if !known {
		return fmt.Errorf("the algorithm %s is not one that clients take", s.algorithm)
	}
	valid := false
	switch key := ca.PublicKey.(type) {
	case *rsa.PublicKey:
		valid = algorithm == x509.RSA && rsa.VerifyPKCS1v15(key, hash, s.hash.Sum(nil), s.signature) == nil
	case *ecdsa.PublicKey:
		valid = algorithm == x509.ECDSA && ecdsa.VerifyASN1(key, s.hash.Sum(nil), s.signature)
	case ed25519.PublicKey:
		valid = algorithm == x509.Ed25519 && ed25519.Verify(key, s.whole, s.signature)
	}
	if !valid {
		return errors.New("the signature is not valid")
	}
	return nil
}
