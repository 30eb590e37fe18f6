package lint

import (
	"crypto/rsa"
	"crypto/x509"
	"slices"
	"strings"

	"certgen/certs/pki"
)

// strength judges signatures and keys.
func strength(leaf *x509.Certificate, chain []*x509.Certificate, trust trust) (found []Finding) {
	for _, c := range chain {
		if weak(leaf, c) {
			found = append(found, trust.rule(RuleWeakSignature, c).Found("%s is signed with %s", pki.CertName(c), pki.SignatureName(c)))
		}
		if breaks := weakKey(c); breaks != "" {
			rule := RuleWeakKey
			rule.Breaks = breaks
			found = append(found, trust.rule(rule, c).Found("%s has a key of type %s", pki.CertName(c), pki.KeyName(c)))
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

// weakKey says which clients refuse the public key of a certificate, "" where none does.
func weakKey(c *x509.Certificate) string {
	switch spec := pki.KeySpecOf(c.PublicKey); {
	case spec.Algorithm == pki.RSA && spec.Size < pki.MinRSA:
		return RuleWeakKey.Breaks
	case spec.Algorithm == pki.RSA && spec.Size > pki.MaxRSA:
		return "Go, which refuses RSA keys of more than 8192 bits; with others each handshake takes long"
	case spec.Algorithm == pki.RSA && !soundExponent(c.PublicKey):
		return "Go, which wants an odd public exponent of 3 or more"
	case spec.Algorithm == pki.RSA, spec.Algorithm == pki.ECDSA && spec.Size >= 256, spec.Algorithm == pki.Ed25519:
		return ""
	}
	return refusedKey(pki.KeyName(c))
}

func soundExponent(key any) bool {
	public, ok := key.(*rsa.PublicKey)
	return !ok || public.E >= 3 && public.E%2 == 1
}

// refusedKey says which clients refuse keys of a kind that crypto/x509 does not know, or that is too small.
func refusedKey(name string) string {
	switch {
	case name == "RSA-PSS":
		return "Go and browsers, which take RSA keys of the usual type (rsaEncryption) only; curl, GnuTLS, OpenSSL and Python accept it"
	case strings.HasPrefix(name, "ECDSA brainpool"):
		return "curl, GnuTLS, Go, OpenSSL 3, Python and browsers, unless they are configured for it; TLS 1.3 has signatures with such keys (RFC 8734), but hardly any client offers them"
	case name == "Ed448":
		return "Go and browsers; curl, GnuTLS, Node, OpenSSL and Python accept it"
	case strings.HasPrefix(name, "ML-DSA"):
		return "Go, browsers, and others that do not know it yet; OpenSSL does from 3.5 on"
	}
	return "curl, GnuTLS, Go, OpenSSL, Python and browsers; TLS 1.3 has no signatures with such keys"
}

// weakAnchors warns of trust anchors with weak keys that are not part of the chain. A client that has one trusts it for
// being there, but OpenSSL holds it to the same strength as the rest of the path.
func weakAnchors(anchors, chain []*x509.Certificate) (found []Finding) {
	for _, c := range pki.Unique(anchors) {
		if breaks := weakKey(c); breaks != "" && !slices.ContainsFunc(chain, c.Equal) {
			rule := RuleWeakKey.warning()
			rule.Breaks = breaks
			found = append(found, rule.Found("the CA %s has a key of type %s", pki.CertName(c), pki.KeyName(c)))
		}
	}
	return found
}
