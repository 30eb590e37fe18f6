package provision

import (
	"crypto/x509"
	"fmt"

	"certgen/certs"
	"certgen/certs/pki"
)

// guard refuses to put a server's pair in the place of a CA's, or a CA's in that of a server's: what other certificates
// or running servers depend on is not to be lost to a name that was mistaken. wanted is what would take the place; a pair
// that is kept needs no guard.
func (h Held) guard(wanted certs.Request) error {
	present, err := pki.ParseCertificates(h.PEM.Cert)
	if err != nil {
		return nil // there is nothing, or nothing to lose
	}
	switch {
	case !wanted.IsCA && isCA(present[0]):
		return pki.WithHint(fmt.Errorf("%s exists and holds the certificate of a CA", h.place),
			"its key signs others and must not be lost: choose another place; --ca-cert and --ca-key sign with it")
	case wanted.IsCA && (!present[0].IsCA || len(wanted.Hosts()) == 0 && !isCA(present[0])):
		return pki.WithHint(fmt.Errorf("%s exists and holds the certificate of a server, %s, not of a CA", h.place, pki.CertName(present[0])),
			"choose another place, or move it away")
	}
	return nil
}

// isCA reports whether a certificate is a CA's: marked as one, and for no host. What "openssl req -x509" makes for a
// server is so marked, too.
func isCA(c *x509.Certificate) bool { return c.IsCA && len((&pki.KeyPair{Leaf: c}).Names()) == 0 }
