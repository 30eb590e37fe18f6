package pki

import (
	"bytes"
	"cmp"
	"crypto"
	"crypto/rsa"
	"crypto/x509"
	"errors"
	"fmt"
)

// MaxTries bounds how many certificates of one name are tried as the signer of another. A CA that was
// renewed or cross-signed leaves a handful of them.
const MaxTries = 32

// maxRSABits is the largest RSA key that signatures are checked with, OpenSSL's own limit
// (OPENSSL_RSA_MAX_MODULUS_BITS): the work grows with the square, and the key is the input's.
const maxRSABits = 16384

// LeafOf finds the certificate of a key. Where there are several, one for servers is preferred to a CA's,
// one that a CA signed to the self-signed one that was its placeholder, and the one that lasts longest.
func LeafOf(key crypto.Signer, certs []*x509.Certificate) *x509.Certificate {
	var best *x509.Certificate
	for _, c := range certs {
		if !Certifies(c, key) {
			continue
		}
		if best == nil || preferred(c, best) {
			best = c
		}
	}
	return best
}

func preferred(c, best *x509.Certificate) bool {
	if c.IsCA != best.IsCA {
		return best.IsCA
	}
	if SelfIssued(c) != SelfIssued(best) {
		return SelfIssued(best)
	}
	return c.NotAfter.After(best.NotAfter)
}

// Climb goes from the leaf to the issuer's certificate and on, as far as pool reaches. Issuers are looked
// up by name, so the time grows with the length of the chain, not with its square.
func Climb(leaf *x509.Certificate, pool []*x509.Certificate) ([]*x509.Certificate, error) {
	bySubject := make(map[string][]*x509.Certificate, len(pool))
	for _, c := range pool {
		bySubject[string(c.RawSubject)] = append(bySubject[string(c.RawSubject)], c)
	}
	path := []*x509.Certificate{leaf}
	used := map[*x509.Certificate]bool{leaf: true}
	for c := leaf; !Signs(c, c); {
		named := bySubject[string(c.RawIssuer)]
		if len(named) > MaxTries {
			return nil, fmt.Errorf("%d certificates have the name of one issuer, more than %d: %s", len(named), MaxTries, CertName(named[0]))
		}
		issuer := IssuerAmong(named, c, used)
		if issuer == nil {
			break
		}
		path, c = append(path, issuer), issuer
		used[c] = true
	}
	return path, nil
}

// IssuerAmong finds the certificate that signed c. One with the key identifier that c names is preferred, as OpenSSL follows
// no other, and then a root to the same CA's certificate by another CA, as the shorter chain has less that can expire.
func IssuerAmong(candidates []*x509.Certificate, c *x509.Certificate, used map[*x509.Certificate]bool) *x509.Certificate {
	var found *x509.Certificate
	for _, candidate := range candidates {
		if !used[candidate] && Signs(candidate, c) && (found == nil || betterIssuer(c, candidate, found)) {
			found = candidate
		}
	}
	return found
}

func betterIssuer(c, candidate, found *x509.Certificate) bool {
	if a, b := keyIDsAgree(candidate, c), keyIDsAgree(found, c); a != b {
		return a
	}
	return SelfIssued(candidate) && !SelfIssued(found)
}

// keyIDsAgree reports whether the key identifiers do not rule out that parent signed child.
func keyIDsAgree(parent, child *x509.Certificate) bool {
	a, b := child.AuthorityKeyId, parent.SubjectKeyId
	return len(a) == 0 || len(b) == 0 || bytes.Equal(a, b)
}

// Signs reports whether parent signed child. A signature of a kind that Go does not check (SHA-1, MD5 and
// unknown ones) is taken on the word of the names and key identifiers: whether such a chain may be used is not asked here.
func Signs(parent, child *x509.Certificate) bool {
	if !bytes.Equal(parent.RawSubject, child.RawIssuer) {
		return false
	}
	if pub, ok := parent.PublicKey.(*rsa.PublicKey); ok && pub.N.BitLen() > maxRSABits {
		return false
	}
	err := CheckSignature(parent, child)
	var insecure x509.InsecureAlgorithmError
	if errors.As(err, &insecure) || errors.Is(err, x509.ErrUnsupportedAlgorithm) {
		return keyIDsAgree(parent, child)
	}
	return err == nil
}

// SelfIssued reports whether c names itself as its issuer.
func SelfIssued(c *x509.Certificate) bool { return bytes.Equal(c.RawSubject, c.RawIssuer) }

// Unique leaves out the certificates that were there before.
func Unique(certs []*x509.Certificate) []*x509.Certificate {
	if len(certs) < 2 {
		return certs
	}
	seen := make(map[string]bool, len(certs))
	var out []*x509.Certificate
	for _, c := range certs {
		if !seen[string(c.Raw)] {
			seen[string(c.Raw)] = true
			out = append(out, c)
		}
	}
	return out
}

// CertName names a certificate for people: by its subject, or without one by its serial number.
func CertName(c *x509.Certificate) string {
	if s := FormatName(c.RawSubject); s != "" {
		return Shorten(s)
	}
	return Shorten(fmt.Sprintf("serial %x", c.SerialNumber))
}

// IssuerName names the issuer of a certificate for people.
func IssuerName(c *x509.Certificate) string {
	return cmp.Or(Shorten(FormatName(c.RawIssuer)), "without a name")
}
