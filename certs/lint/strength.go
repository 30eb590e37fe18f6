package lint

import (
	"crypto"
	"crypto/x509"
	"strings"

	"certgen/certs/pki"
)

// strength judges signatures and keys.
func strength(leaf *x509.Certificate, chain []*x509.Certificate, trust trust) (found []Finding) {
	for _, c := range chain {
		if weak(leaf, c) {
			found = append(found, trust.rule(RuleWeakSignature, c).Found("%s is signed with %s", pki.CertName(c), c.SignatureAlgorithm))
		}
		if reason := weakKey(c.PublicKey); reason != "" {
			found = append(found, trust.rule(RuleWeakKey, c).Found("%s has %s", pki.CertName(c), reason))
		}
	}
	return found
}

// weak reports whether the signature of c is weak, and counts. That of a root does not, unless the root is
// the leaf: it is trusted for being there.
func weak(leaf, c *x509.Certificate) bool { return weaklySigned(c) && (c == leaf || !selfSigned(c)) }

// weaklySigned reports whether clients refuse the algorithm of c's signature.
func weaklySigned(c *x509.Certificate) bool {
	switch c.SignatureAlgorithm {
	case x509.MD2WithRSA, x509.MD5WithRSA, x509.SHA1WithRSA, x509.DSAWithSHA1, x509.DSAWithSHA256, x509.ECDSAWithSHA1:
		return true
	}
	return false
}

// weakKey says why clients refuse a public key, "" where they do not.
func weakKey(pub crypto.PublicKey) string {
	switch spec := pki.KeySpecOf(pub); {
	case spec.Algorithm == pki.RSA && spec.Size < pki.MinRSA, spec.Algorithm == pki.RSA && spec.Size > pki.MaxRSA:
		return "an RSA key of " + strings.TrimPrefix(spec.String(), "RSA ") + " bits"
	case spec.Algorithm == pki.ECDSA && spec.Size < 256:
		return "an elliptic-curve key of less than 256 bits"
	case spec.Algorithm != pki.RSA && spec.Algorithm != pki.ECDSA && spec.Algorithm != pki.Ed25519:
		return "a key of a type that TLS no longer uses"
	}
	return ""
}
