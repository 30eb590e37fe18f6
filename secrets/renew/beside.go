package renew

import (
	"bytes"
	"crypto/x509"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	corev1 "k8s.io/api/core/v1"

	"certgen/certs"
	"certgen/certs/pki"
	"certgen/render/file"
	"certgen/secrets"
	"certgen/secrets/cluster"
)

// beside are the CAs among the files of a run, by which what they signed is signed again.
type beside struct{ all []*fileCA }

// fileCA is a CA with its key in a file. A run that renews it changes what it holds.
type fileCA struct {
	path   string
	secret cluster.SecretName // zero for a pair of PEM files
	keyID  []byte
	pem    pki.PEM
}

// find looks for CAs among the files. What cannot be read says so when its turn comes.
func find(places []place) *beside {
	b := &beside{}
	for _, p := range places {
		if p.manifest == "" {
			if p.holdsCA() {
				cert, _ := os.ReadFile(p.cert)
				key, _ := os.ReadFile(p.key)
				b.add(p.cert, nil, pki.PEM{Cert: cert, Key: key})
			}
			continue
		}
		data, err := file.ReadFile(p.manifest)
		if err != nil || !bytes.Contains(data, []byte("Secret")) {
			continue
		}
		all, err := secretsIn(data)
		if err != nil {
			continue
		}
		for _, found := range all {
			if isCA(secrets.PEMOf(found.secret).Cert) != nil {
				b.add(p.manifest, found.secret, secrets.PEMOf(found.secret))
			}
		}
	}
	return b
}

// first has the files with CAs come first, whose new certificates go with what they sign.
func (b *beside) first(places []place) []place {
	rank := func(p place) int {
		if slices.ContainsFunc(b.all, func(ca *fileCA) bool { return ca.path == p.manifest+p.cert }) {
			return 0
		}
		return 1
	}
	sorted := slices.Clone(places)
	slices.SortStableFunc(sorted, func(x, y place) int { return rank(x) - rank(y) })
	return sorted
}

// isCA returns the certificate of a CA that is first in PEM text; nil for another's.
func isCA(certPEM []byte) *x509.Certificate {
	chain, err := pki.ParseCertificates(certPEM)
	if err != nil || !chain[0].IsCA {
		return nil
	}
	return chain[0]
}

// holdsCA reports whether a pair of PEM files is a CA's.
func (p place) holdsCA() bool {
	cert, err := file.ReadFile(p.cert)
	return err == nil && isCA(cert) != nil
}

// add notes a CA, or what has become of it.
func (b *beside) add(path string, secret *corev1.Secret, pem pki.PEM) {
	ca := isCA(pem.Cert)
	if ca == nil {
		return
	}
	found := &fileCA{path: path, keyID: ca.SubjectKeyId, pem: pem}
	if secret != nil {
		found.secret = cluster.SecretName{Namespace: secret.Namespace, Name: secret.Name}
	}
	same := func(other *fileCA) bool { return other.path == path && other.secret == found.secret }
	b.all = append(slices.DeleteFunc(b.all, same), found)
}

// of is the CA that signs a certificate again: one with the issuer's key, else the one in the Secret that is named; of several
// the one in the same file, or in the same folder. nil is none: of two CAs that are as near, neither is guessed.
func (b *beside) of(c *Candidate) (*certs.CA, error) {
	var best *fileCA
	most, unclear := 0, false
	for _, ca := range b.all {
		points := 0
		switch {
		case len(ca.keyID) > 0 && bytes.Equal(ca.keyID, c.Leaf.AuthorityKeyId):
			points = 8
		case ca.secret.Name != "" && ca.secret == c.authoritySecret():
			points = 4
		default:
			continue
		}
		if ca.path == c.path {
			points += 2
		} else if filepath.Dir(ca.path) == filepath.Dir(c.path) {
			points++
		}
		switch {
		case points > most:
			best, most, unclear = ca, points, false
		case points == most && !bytes.Equal(ca.keyID, best.keyID):
			unclear = true
		}
	}
	if best == nil || unclear {
		return nil, nil
	}
	ca, err := certs.ParseCA(bytes.Join([][]byte{best.pem.Cert, best.pem.CA}, []byte("\n")), best.pem.Key, nil)
	if err != nil {
		return nil, fmt.Errorf("the CA in %s: %w", best.path, err)
	}
	return ca, nil
}

// authoritySecret is the Secret of the CA that signed; its Name is "" where none is known.
func (c *Candidate) authoritySecret() cluster.SecretName {
	name := cluster.SecretName{Namespace: c.issuer.Namespace, Name: c.issuer.SecretName}
	if name.Namespace == "" {
		name.Namespace = c.order.Secret.Namespace
	}
	return name
}
