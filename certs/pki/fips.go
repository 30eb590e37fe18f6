package pki

import (
	"crypto/fips140"
	"crypto/x509"
)

// MinFIPSSalt is the length of a salt in bytes below which PBKDF2 is not approved (NIST SP 800-132, section 5.1).
// https://nvlpubs.nist.gov/nistpubs/Legacy/SP/nistspecialpublication800-132.pdf
const MinFIPSSalt = 16

// FIPSRefuses is the error for an algorithm that FIPS 140 does not know, where GODEBUG=fips140=only has Go's
// cryptography panic over it; nil everywhere else.
func FIPSRefuses(algorithm string) error {
	if !fips140.Enforced() {
		return nil
	}
	return Problem{Reason: "it needs " + algorithm + ", which FIPS 140-only mode does not allow",
		Hint: "keys go in and out as PEM, encrypted or not: openssl pkcs8 -topk8 -v2 aes-256-cbc -v2prf hmacWithSHA256; GODEBUG=fips140=on allows it"}
}

// CheckSignature reports what parent's key says of child's signature. It tells only who issued whom, not
// whether such a chain may be used, so the strict mode of FIPS 140, which panics over SHA-1, has no part in it.
func CheckSignature(parent, child *x509.Certificate) (err error) {
	fips140.WithoutEnforcement(func() {
		err = parent.CheckSignature(child.SignatureAlgorithm, child.RawTBSCertificate, child.Signature)
	})
	return err
}
