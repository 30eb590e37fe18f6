package certs

import (
	"bytes"
	"crypto"
	"crypto/rsa"
	"crypto/x509"
	"errors"
	"fmt"
	"slices"
)

// maxTries bounds how many certificates of one name are tried as the signer of another. A CA that was
// renewed or cross-signed leaves a handful of them.
const maxTries = 32

// maxRSABits is the largest RSA key that signatures are checked with, OpenSSL's own limit
// (OPENSSL_RSA_MAX_MODULUS_BITS): the work grows with the square, and the key is the input's.
const maxRSABits = 16384

// Pair finds the certificate of the key and puts those that lead from it to the root in order. extra are
// certificates of the CA, which the input need not hold.
//
// What servers must not or need not send is left out: the root (it becomes [KeyPair.Root]), duplicates,
// and what does not belong to the chain. The notes say all that was changed and what seems to be missing.
// Nothing is judged here: dates, names and usages are as they are.
func (m *Material) Pair(extra []*x509.Certificate) (pair *KeyPair, notes []string, err error) {
	own := unique(m.Certificates)
	key, leaf, err := m.match(own)
	if err != nil {
		return nil, nil, err
	}
	path, err := climb(leaf, unique(slices.Concat(own, extra)))
	if err != nil {
		return nil, nil, err
	}
	top := path[len(path)-1]
	pair = &KeyPair{Key: key, Leaf: leaf, Intermediates: path[1:]}
	if signs(top, top) {
		pair.Root, pair.Intermediates = top, path[1:max(1, len(path)-1)]
	}
	if n := len(m.Certificates) - len(own); n > 0 {
		notes = append(notes, fmt.Sprintf("duplicates left out: %d", n))
	}
	return pair, append(notes, pair.changes(own, extra)...), nil
}

// match picks the key, and of the certificates that bear it the one that servers are most likely to use.
func (m *Material) match(certs []*x509.Certificate) (crypto.Signer, *x509.Certificate, error) {
	if len(m.Keys) == 0 {
		return nil, nil, Problem{Reason: "no private key in it", Hint: "give the file of the private key, too"}
	}
	if len(certs) == 0 {
		return nil, nil, Problem{Reason: "no certificate in it", Hint: "give the file of the certificate, too"}
	}
	var key crypto.Signer
	var leaf *x509.Certificate
	for _, k := range m.Keys {
		c := leafOf(k, certs)
		switch {
		case c == nil || leaf.Equal(c):
		case leaf != nil:
			return nil, nil, Problem{
				Reason: fmt.Sprintf("it holds more than one private key with its certificate: that of %s and that of %s", certName(leaf), certName(c)),
				Hint:   "give a file that holds one of them",
			}
		default:
			key, leaf = k, c
		}
	}
	if leaf == nil {
		return nil, nil, Problem{
			Reason: fmt.Sprintf("the private key does not belong to any of the %d certificates (the first is that of %s)", len(certs), certName(certs[0])),
			Hint:   "a renewed certificate often has a new key: look for the key that its request was made with",
		}
	}
	return key, leaf, nil
}

// leafOf finds the certificate of a key. Where there are several, one for servers is preferred to a CA's,
// one that a CA signed to the self-signed one that was its placeholder, and the one that lasts longest.
func leafOf(key crypto.Signer, certs []*x509.Certificate) *x509.Certificate {
	var best *x509.Certificate
	for _, c := range certs {
		if !certifies(c, key) {
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
	if selfIssued(c) != selfIssued(best) {
		return selfIssued(best)
	}
	return c.NotAfter.After(best.NotAfter)
}

// climb goes from the leaf to the issuer's certificate and on, as far as pool reaches. Issuers are looked
// up by name, so the time grows with the length of the chain, not with its square.
func climb(leaf *x509.Certificate, pool []*x509.Certificate) ([]*x509.Certificate, error) {
	bySubject := make(map[string][]*x509.Certificate, len(pool))
	for _, c := range pool {
		bySubject[string(c.RawSubject)] = append(bySubject[string(c.RawSubject)], c)
	}
	path := []*x509.Certificate{leaf}
	used := map[*x509.Certificate]bool{leaf: true}
	for c := leaf; !signs(c, c); {
		named := bySubject[string(c.RawIssuer)]
		if len(named) > maxTries {
			return nil, fmt.Errorf("%d certificates have the name of one issuer, more than %d: %s", len(named), maxTries, certName(named[0]))
		}
		issuer := issuerAmong(named, c, used)
		if issuer == nil {
			break
		}
		path, c = append(path, issuer), issuer
		used[c] = true
	}
	return path, nil
}

// issuerAmong finds the certificate that signed c. A root is preferred to the same CA's certificate by
// another CA, as the shorter chain has less that can expire.
func issuerAmong(candidates []*x509.Certificate, c *x509.Certificate, used map[*x509.Certificate]bool) *x509.Certificate {
	var found *x509.Certificate
	for _, candidate := range candidates {
		if used[candidate] || !signs(candidate, c) {
			continue
		}
		if selfIssued(candidate) {
			return candidate
		}
		if found == nil {
			found = candidate
		}
	}
	return found
}

// signs reports whether parent signed child. A signature of a kind that Go does not check (SHA-1, MD5 and
// unknown ones) is taken on the word of the names: whether such a chain may be used is not asked here.
func signs(parent, child *x509.Certificate) bool {
	if !bytes.Equal(parent.RawSubject, child.RawIssuer) {
		return false
	}
	if a, b := child.AuthorityKeyId, parent.SubjectKeyId; len(a) > 0 && len(b) > 0 && !bytes.Equal(a, b) {
		return false
	}
	if pub, ok := parent.PublicKey.(*rsa.PublicKey); ok && pub.N.BitLen() > maxRSABits {
		return false
	}
	err := checkSignature(parent, child)
	var insecure x509.InsecureAlgorithmError
	return err == nil || errors.As(err, &insecure) || errors.Is(err, x509.ErrUnsupportedAlgorithm)
}

func selfIssued(c *x509.Certificate) bool { return bytes.Equal(c.RawSubject, c.RawIssuer) }

// changes says how the pair differs from the certificates given, and what it lacks.
func (p *KeyPair) changes(own, extra []*x509.Certificate) (notes []string) {
	note := func(format string, args ...any) { notes = append(notes, fmt.Sprintf(format, args...)) }
	path := append([]*x509.Certificate{p.Leaf}, p.aboveLeaf()...)
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
			unrelated = append(unrelated, certName(c))
		}
	}
	var added []string
	for _, c := range p.Intermediates {
		if !given[c] {
			added = append(added, certName(c))
		}
	}
	if !slices.IsSorted(order) {
		note("the certificates were put in order: the server's first, then each one's issuer")
	}
	if p.Root != p.Leaf && given[p.Root] {
		note("the root was taken out of the chain, as servers do not send it: %s", certName(p.Root))
	}
	if len(added) > 0 {
		note("added to the chain from the CA certificates given: %s", shortList(added))
	}
	if len(unrelated) > 0 {
		note("left out, as not part of the chain: %s", shortList(unrelated))
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
		certName(top), issuerName(top))
	if len(top.IssuingCertificateURL) > 0 {
		s += fmt.Sprintf("; the CA offers it at %q", shorten(top.IssuingCertificateURL[0]))
	}
	return s
}

// unique leaves out the certificates that were there before.
func unique(certs []*x509.Certificate) []*x509.Certificate {
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

// certName names a certificate for people: by its subject, or without one by its serial number.
func certName(c *x509.Certificate) string {
	if s := FormatName(c.RawSubject); s != "" {
		return shorten(s)
	}
	return shorten(fmt.Sprintf("serial %x", c.SerialNumber))
}

func issuerName(c *x509.Certificate) string { return shorten(FormatName(c.RawIssuer)) }
