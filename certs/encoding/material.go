package encoding

import (
	"crypto"
	"crypto/x509"
	"fmt"
	"slices"

	"certgen/certs/pki"
)

// Pair finds the certificate of the key and puts those that lead from it to the root in order. extra are
// certificates of the CA, which the input need not hold.
//
// What servers must not or need not send is left out: the root (it becomes [pki.KeyPair.Root]), duplicates,
// and what does not belong to the chain. The notes say all that was changed and what seems to be missing.
// Nothing is judged here: dates, names and usages are as they are.
func (m *Material) Pair(extra []*x509.Certificate) (pair *pki.KeyPair, notes []string, err error) {
	own := pki.Unique(m.Certificates)
	key, leaf, err := m.match(own)
	if err != nil {
		return nil, nil, err
	}
	path, err := pki.Climb(leaf, pki.Unique(slices.Concat(own, extra)))
	if err != nil {
		return nil, nil, err
	}
	top := path[len(path)-1]
	pair = &pki.KeyPair{Key: key, Leaf: leaf, Intermediates: path[1:]}
	if pki.Signs(top, top) {
		pair.Root, pair.Intermediates = top, path[1:max(1, len(path)-1)]
	}
	if n := len(m.Certificates) - len(own); n > 0 {
		notes = append(notes, fmt.Sprintf("duplicates left out: %d", n))
	}
	return pair, append(notes, changes(pair, own, extra)...), nil
}

// match picks the key, and of the certificates that bear it the one that servers are most likely to use.
func (m *Material) match(certs []*x509.Certificate) (crypto.Signer, *x509.Certificate, error) {
	if len(m.Keys) == 0 {
		return nil, nil, pki.Problem{Reason: "no private key in it", Hint: "give the file of the private key, too"}
	}
	if len(certs) == 0 {
		return nil, nil, pki.Problem{Reason: "no certificate in it", Hint: "give the file of the certificate, too"}
	}
	var key crypto.Signer
	var leaf *x509.Certificate
	for _, k := range m.Keys {
		c := pki.LeafOf(k, certs)
		switch {
		case c == nil || leaf.Equal(c):
		case leaf != nil:
			return nil, nil, pki.Problem{
				Reason: fmt.Sprintf("it holds more than one private key with its certificate: that of %s and that of %s", pki.CertName(leaf), pki.CertName(c)),
				Hint:   "give a file that holds one of them",
			}
		default:
			key, leaf = k, c
		}
	}
	if leaf == nil {
		return nil, nil, pki.Problem{
			Reason: fmt.Sprintf("the private key does not belong to any of the %d certificates (the first is that of %s)", len(certs), pki.CertName(certs[0])),
			Hint:   "a renewed certificate often has a new key: look for the key that its request was made with",
		}
	}
	return key, leaf, nil
}

// changes says how the pair differs from the certificates given, and what it lacks.
func changes(p *pki.KeyPair, own, extra []*x509.Certificate) (notes []string) {
	note := func(format string, args ...any) { notes = append(notes, fmt.Sprintf(format, args...)) }
	path := append([]*x509.Certificate{p.Leaf}, aboveLeaf(p)...)
	place := make(map[*x509.Certificate]int, len(path))
	for i, c := range path {
		place[c] = i
	}
	var order []int
	var unrelated []string
	given := make(map[*x509.Certificate]bool, len(own))
	for _, c := range own {
		given[c] = true
		if i, ok := place[c]; ok {
			order = append(order, i)
		} else {
			unrelated = append(unrelated, pki.CertName(c))
		}
	}
	var added []string
	for _, c := range p.Intermediates {
		if !given[c] {
			added = append(added, pki.CertName(c))
		}
	}
	if !slices.IsSorted(order) {
		note("the certificates were put in order: the server's first, then each one's issuer")
	}
	if p.Root != p.Leaf && given[p.Root] {
		note("the root was taken out of the chain, as servers do not send it: %s", pki.CertName(p.Root))
	}
	if len(added) > 0 {
		note("added to the chain from the CA certificates given: %s", pki.ShortList(added))
	}
	if len(unrelated) > 0 {
		note("left out, as not part of the chain: %s", pki.ShortList(unrelated))
	}
	if p.Root == nil {
		note("%s", missing(path[len(path)-1]))
	}
	if len(extra) > 0 && !slices.ContainsFunc(extra, func(c *x509.Certificate) bool { return slices.ContainsFunc(path, c.Equal) }) {
		note("none of the CA certificates given issued the certificate")
	}
	return notes
}

// missing says that the issuer of the chain's last certificate is not known. Whether it is a root, which
// clients have, or an intermediate, which they lack, cannot be told from here.
func missing(top *x509.Certificate) string {
	s := fmt.Sprintf("the certificate of the issuer of %s is not among those given: %s; if it is an intermediate, clients will fail without it",
		pki.CertName(top), pki.IssuerName(top))
	if len(top.IssuingCertificateURL) > 0 {
		s += fmt.Sprintf("; the CA offers it at %q", pki.Shorten(top.IssuingCertificateURL[0]))
	}
	return s
}
