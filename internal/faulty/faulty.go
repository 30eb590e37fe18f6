// Package faulty makes a certificate, or a Secret, for each thing that certgen finds wrong, with that fault
// and no other. Tests judge certgen's findings by them, and whether the clients that a finding names refuse
// them.
//
// It is a package of its own because the tests of several packages need the same faults; no program
// imports it.
package faulty

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net"
	"testing"
	"time"

	"certgen/certs/pki"
)

// Host is the name under which clients reach the server of a [Pair].
const Host = "web.example"

// Pair is a server's certificate with one fault.
type Pair struct {
	ID      string   // of the finding
	PEM     pki.PEM  // as in a Secret
	Roots   []byte   // what clients trust: for verify's --ca, where it is not PEM.CA
	Hosts   []string // for verify's --hostname
	CRL     []byte   // for verify's --crl
	Args    []string // for verify, beside these
	Useless bool     // no server loads the files
	Alone   bool     // verify alone finds it: create is not told what it takes, or stops before
	Surplus bool     // the fault is in a certificate that the path does not need
}

// Maker makes certificates as of a time.
type Maker struct {
	t   testing.TB
	now time.Time

	Root, Intermediate *Authority
}

// Authority is a CA that signs whatever it is given.
type Authority struct {
	Certificate *x509.Certificate
	Key         crypto.Signer
}

// NewMaker makes the CAs.
func NewMaker(t testing.TB, now time.Time) *Maker {
	m := &Maker{t: t, now: now.Truncate(time.Second)}
	m.Root = m.authority("Example Root", nil, nil)
	m.Intermediate = m.authority("Example Intermediate", m.Root, nil)
	return m
}

func (m *Maker) authority(name string, by *Authority, change func(*x509.Certificate)) *Authority {
	template := &x509.Certificate{
		Subject: pkix.Name{CommonName: name}, NotBefore: m.now.AddDate(-1, 0, 0), NotAfter: m.now.AddDate(10, 0, 0),
		BasicConstraintsValid: true, IsCA: true, KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageCRLSign,
	}
	if change != nil {
		change(template)
	}
	key := m.ecdsaKey()
	return &Authority{m.sign(template, key.Public(), by, key), key}
}

// ecdsaKey is the key of all that does not need another.
func (m *Maker) ecdsaKey() crypto.Signer {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	m.check(err)
	return key
}

func (m *Maker) rsaKey(bits int) crypto.Signer {
	key, err := rsa.GenerateKey(rand.Reader, bits)
	m.check(err)
	return key
}

func (m *Maker) check(err error) {
	m.t.Helper()
	if err != nil {
		m.t.Fatal(err)
	}
}

// leaf is a server's certificate without a fault, to be changed.
func (m *Maker) leaf() *x509.Certificate {
	return &x509.Certificate{
		Subject: pkix.Name{CommonName: Host}, DNSNames: []string{Host}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		NotBefore: m.now.AddDate(0, 0, -1), NotAfter: m.now.AddDate(0, 0, 90),
		BasicConstraintsValid: true,
		KeyUsage:              x509.KeyUsageDigitalSignature,
		ExtKeyUsage:           []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
}

// forRSA adds the usage that old clients, such as NSS's own, want to see with an RSA key.
func forRSA(c *x509.Certificate) { c.KeyUsage |= x509.KeyUsageKeyEncipherment }

// sign makes a certificate; without an authority it is signed by its own key.
func (m *Maker) sign(template *x509.Certificate, pub crypto.PublicKey, by *Authority, own crypto.Signer) *x509.Certificate {
	m.t.Helper()
	if template.SerialNumber == nil {
		serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 126))
		m.check(err)
		template.SerialNumber = serial.SetBit(serial, 126, 1)
	}
	if by == nil {
		by = &Authority{template, own}
	}
	der, err := x509.CreateCertificate(rand.Reader, template, by.Certificate, pub, by.Key)
	m.check(err)
	c, err := x509.ParseCertificate(der)
	m.check(err)
	return c
}

func pemOf(chain ...*x509.Certificate) []byte { return pki.EncodeCertificates(chain...) }

func (m *Maker) pemOfKey(key crypto.Signer) []byte {
	text, err := pki.EncodeKey(key)
	m.check(err)
	return text
}

// chained is a leaf that the intermediate CA signed, with its chain and root.
func (m *Maker) chained(change func(*x509.Certificate), key crypto.Signer) pki.PEM {
	template := m.leaf()
	if change != nil {
		change(template)
	}
	c := m.sign(template, key.Public(), m.Intermediate, nil)
	return pki.PEM{Cert: pemOf(c, m.Intermediate.Certificate), Key: m.pemOfKey(key), CA: pemOf(m.Root.Certificate)}
}

// crossSigned is a pair whose chain holds, beside what leads to its root, that root's certificate by another
// CA, which has expired, as happened to many servers on 30 May 2020.
func (m *Maker) crossSigned() pki.PEM {
	template := &x509.Certificate{
		Subject: m.Root.Certificate.Subject, NotBefore: m.now.AddDate(-2, 0, 0), NotAfter: m.now.AddDate(0, 0, -1),
		BasicConstraintsValid: true, IsCA: true, KeyUsage: x509.KeyUsageCertSign,
	}
	p := m.Sound()
	p.Cert = append(p.Cert, pemOf(m.sign(template, m.Root.Key.Public(), m.authority("Example Former Root", nil, nil), nil))...)
	return p
}

// Sound is a pair without a fault.
func (m *Maker) Sound() pki.PEM { return m.chained(nil, m.ecdsaKey()) }

// LargeKey is a certificate whose RSA key has the number of bits given. Nobody knows the private key: making
// one takes minutes.
func (m *Maker) LargeKey(bits int) []byte {
	n, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), uint(bits)))
	m.check(err)
	template := m.leaf()
	forRSA(template)
	c := m.sign(template, &rsa.PublicKey{N: n.SetBit(n, bits-1, 1).SetBit(n, 0, 1), E: 65537}, m.Intermediate, nil)
	return pemOf(c, m.Intermediate.Certificate)
}

// Pairs are the faults that a certificate, its key and its chain can have. published is a certificate whose
// private key everybody has.
func (m *Maker) Pairs(published *x509.Certificate) []Pair {
	key, rsaKey := m.ecdsaKey(), m.rsaKey(2048)
	changed := func(id string, key crypto.Signer, change func(*x509.Certificate)) Pair {
		return Pair{ID: id, PEM: m.chained(change, key), Hosts: []string{Host}}
	}
	pairs := []Pair{
		{ID: "expired", PEM: m.crossSigned(), Hosts: []string{Host}, Surplus: true},
		changed("expired", key, func(c *x509.Certificate) {
			c.NotBefore, c.NotAfter = m.now.AddDate(0, 0, -30), m.now.AddDate(0, 0, -1)
		}),
		changed("not-yet-valid", key, func(c *x509.Certificate) { c.NotBefore = m.now.AddDate(0, 0, 2) }), // NSS forgives a day
		changed("due-for-renewal", key, func(c *x509.Certificate) {
			c.NotBefore, c.NotAfter = m.now.AddDate(0, 0, -80), m.now.AddDate(0, 0, 10)
		}),
		changed("long-life", key, func(c *x509.Certificate) { c.NotAfter = c.NotBefore.AddDate(0, 0, 826) }),
		changed("name-not-covered", key, func(c *x509.Certificate) { c.DNSNames = []string{"other.example"} }),
		changed("no-server-auth", key, func(c *x509.Certificate) { c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth} }),
		changed("ca-flag", key, func(c *x509.Certificate) { c.IsCA = true }),
		changed("short-serial", key, func(c *x509.Certificate) { c.SerialNumber = big.NewInt(4711) }),
		changed("weak-key", m.rsaKey(1024), forRSA),
		changed("deceptive-name", key, func(c *x509.Certificate) { c.Subject.Organization = []string{"Example \u202egro.knab"} }),
		changed("key-usage", rsaKey, func(c *x509.Certificate) { c.KeyUsage = x509.KeyUsageKeyEncipherment }),
	}
	// Without --hostname: that these have no name that fits is not the fault meant.
	nameless := func(id, organization, commonName string) {
		p := changed(id, key, func(c *x509.Certificate) {
			c.DNSNames, c.IPAddresses = nil, nil
			c.Subject = pkix.Name{CommonName: commonName}
			if organization != "" {
				c.Subject.Organization = []string{organization}
			}
		})
		p.Hosts = nil
		pairs = append(pairs, p)
	}
	nameless("no-san", "Example", "")
	nameless("cn-only", "", Host)

	add := func(id string, p pki.PEM, roots []byte) {
		pairs = append(pairs, Pair{ID: id, PEM: p, Roots: roots, Hosts: []string{Host}})
	}
	useless := func(id string, p pki.PEM) {
		pairs = append(pairs, Pair{ID: id, PEM: p, Hosts: []string{Host}, Useless: true})
	}
	sound, root := m.Sound(), m.Root.Certificate
	stranger := m.authority("Another Root", nil, nil)

	p := sound
	p.Cert = bytes.Replace(p.Cert, []byte("\n-----END"), []byte("=*\n-----END"), 1)
	useless("unreadable", p)

	p = sound
	p.Key = m.pemOfKey(m.ecdsaKey())
	useless("key-mismatch", p)

	der, err := x509.MarshalPKCS8PrivateKey(key)
	m.check(err)
	p = m.chained(nil, key)
	//nolint:staticcheck // people still have keys in PEM's old encryption
	block, err := x509.EncryptPEMBlock(rand.Reader, "PRIVATE KEY", der, []byte("secret"), x509.PEMCipherAES256)
	m.check(err)
	p.Key = pem.EncodeToMemory(block)
	useless("key-encrypted", p)

	second := m.authority("Example Second Intermediate", m.Intermediate, nil)
	c := m.sign(m.leaf(), key.Public(), second, nil)
	add("chain-order", pki.PEM{Cert: pemOf(c, m.Intermediate.Certificate, second.Certificate), Key: m.pemOfKey(key), CA: pemOf(root)}, nil)
	c = m.sign(m.leaf(), key.Public(), m.Intermediate, nil)
	useless("chain-order", pki.PEM{Cert: pemOf(m.Intermediate.Certificate, c), Key: m.pemOfKey(key), CA: pemOf(root)})
	add("root-in-chain", pki.PEM{Cert: append(bytes.Clone(sound.Cert), sound.CA...), Key: sound.Key, CA: sound.CA}, nil)
	c = m.sign(m.leaf(), key.Public(), m.Intermediate, nil)
	add("missing-intermediate", pki.PEM{Cert: pemOf(c), Key: m.pemOfKey(key), CA: pemOf(root)}, nil)

	alone := m.sign(m.leaf(), key.Public(), nil, key)
	add("untrusted", pki.PEM{Cert: pemOf(alone), Key: m.pemOfKey(key)}, pemOf(root))
	add("ca-does-not-verify", pki.PEM{Cert: pemOf(alone), Key: m.pemOfKey(key), CA: pemOf(stranger.Certificate)}, nil)

	limited := m.authority("Example Limited", m.Root, func(c *x509.Certificate) {
		c.PermittedDNSDomainsCritical, c.PermittedDNSDomains = true, []string{"other.example"}
	})
	c = m.sign(m.leaf(), key.Public(), limited, nil)
	add("not-permitted", pki.PEM{Cert: pemOf(c, limited.Certificate), Key: m.pemOfKey(key), CA: pemOf(root)}, nil)

	mail := m.authority("Example Mail", m.Root, func(c *x509.Certificate) {
		c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageEmailProtection}
	})
	c = m.sign(m.leaf(), key.Public(), mail, nil)
	add("not-permitted", pki.PEM{Cert: pemOf(c, mail.Certificate), Key: m.pemOfKey(key), CA: pemOf(root)}, nil)

	last := m.authority("Example Last", m.Root, func(c *x509.Certificate) { c.MaxPathLenZero = true })
	below := m.authority("Example Below", last, nil)
	c = m.sign(m.leaf(), key.Public(), below, nil)
	add("not-permitted", pki.PEM{Cert: pemOf(c, below.Certificate, last.Certificate), Key: m.pemOfKey(key), CA: pemOf(root)}, nil)

	old := m.rsaAuthority("Example Old")
	template := m.leaf()
	template.SignatureAlgorithm = x509.SHA1WithRSA
	c = m.sign(template, key.Public(), old, nil)
	add("weak-signature", pki.PEM{Cert: pemOf(c), Key: m.pemOfKey(key), CA: pemOf(old.Certificate)}, nil)

	pairs = append(pairs, m.authorities(key)...)
	pairs = append(pairs, m.forms(key)...)
	pairs = append(pairs, m.paths(key)...)
	pairs = append(pairs, m.revocations(key)...)

	// The certificate can be made without the published key, but not served.
	template = m.leaf()
	forRSA(template)
	c = m.sign(template, published.PublicKey, m.Intermediate, nil)
	p = pki.PEM{Cert: pemOf(c, m.Intermediate.Certificate), CA: pemOf(root)}
	add("known-key", p, nil)
	return pairs
}

// rsaAuthority is a root that can sign with SHA-1.
func (m *Maker) rsaAuthority(name string) *Authority {
	key := m.rsaKey(2048)
	template := &x509.Certificate{
		Subject: pkix.Name{CommonName: name}, NotBefore: m.now.AddDate(-1, 0, 0), NotAfter: m.now.AddDate(10, 0, 0),
		BasicConstraintsValid: true, IsCA: true, KeyUsage: x509.KeyUsageCertSign,
	}
	return &Authority{m.sign(template, key.Public(), nil, key), key}
}
