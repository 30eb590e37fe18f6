package faulty

import (
	"crypto"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"math/big"

	"certgen/certs/pki"
)

// forms are pairs with a fault in the form of the certificate, or of its CA's.
func (m *Maker) forms(key crypto.Signer) (pairs []Pair) {
	add := func(id string, chain ...*x509.Certificate) {
		pairs = append(pairs, Pair{ID: id, Hosts: []string{Host}, PEM: pki.PEM{Cert: pemOf(chain...), Key: m.pemOfKey(key), CA: pemOf(m.Root.Certificate)}})
	}
	leaf := func(id string, change func(*x509.Certificate)) {
		template := m.leaf()
		change(template)
		add(id, m.sign(template, key.Public(), m.Intermediate, nil), m.Intermediate.Certificate)
	}
	issuer := func(id string, change func(*x509.Certificate)) {
		ca := m.authority("Example Issuer", m.Root, change)
		add(id, m.sign(m.leaf(), key.Public(), ca, nil), ca.Certificate)
	}
	signedAs := func(id string, change func(*x509.Certificate)) { // as if the CA's certificate were another
		other := *m.Intermediate.Certificate
		change(&other)
		add(id, m.sign(m.leaf(), key.Public(), &Authority{&other, m.Intermediate.Key}, nil), m.Intermediate.Certificate)
	}
	rewritten := func(id string, element int, value any) {
		add(id, m.rewritten(m.sign(m.leaf(), key.Public(), m.Intermediate, nil), m.Intermediate, element, value), m.Intermediate.Certificate)
	}
	with := func(id ...int) func(bool, string) func(*x509.Certificate) {
		return func(critical bool, value string) func(*x509.Certificate) {
			return func(c *x509.Certificate) {
				c.ExtraExtensions = append(c.ExtraExtensions, pkix.Extension{Id: id, Critical: critical, Value: []byte(value)})
			}
		}
	}

	issuer("ca-subject", func(c *x509.Certificate) {
		c.Subject, c.SerialNumber = pkix.Name{}, new(big.Int).Lsh(big.NewInt(0x4711), 112)
	})
	signedAs("authority-key-id", func(c *x509.Certificate) { c.SubjectKeyId = nil })
	signedAs("issuer-key-mismatch", func(c *x509.Certificate) { c.SubjectKeyId = []byte("another") })
	leaf("signing-leaf", func(c *x509.Certificate) { c.KeyUsage |= x509.KeyUsageCertSign })
	leaf("empty-extended-key-usage", func(c *x509.Certificate) {
		c.ExtKeyUsage = nil
		with(2, 5, 29, 37)(false, "\x30\x00")(c)
	})
	leaf("name-constraints", with(2, 5, 29, 30)(false, "\x30\x0f\xa0\x0d\x30\x0b\x82\x09"+Host[:9]))
	issuer("name-constraints", func(c *x509.Certificate) {
		c.PermittedDNSDomainsCritical, c.PermittedDNSDomains, c.ExcludedDNSDomains = true, nil, []string{".other.example"}
	})
	issuer("name-constraints-critical", func(c *x509.Certificate) { c.PermittedDNSDomains = []string{"example"} })
	issuer("policy-constraints", with(2, 5, 29, 36)(false, "\x30\x03\x81\x01\x00"))
	leaf("alternative-names", with(2, 5, 29, 17)(true, "\x30\x13\x82\x0b"+Host+"\x87\x04\x7f\x00\x00\x01"))
	leaf("host-syntax", func(c *x509.Certificate) { c.DNSNames = append(c.DNSNames, "web_1.example") })
	leaf("wildcard", func(c *x509.Certificate) { c.DNSNames = append(c.DNSNames, "*.*.example") })
	leaf("common-name", func(c *x509.Certificate) { c.Subject.CommonName = "other.example" })
	rewritten("serial-number", serialElement, new(big.Int))
	rewritten("serial-number", serialElement, new(big.Int).Lsh(big.NewInt(1), 200))
	day := func(days int) string { return m.now.UTC().AddDate(0, 0, days).Format("20060102150405Z") }
	rewritten("date-encoding", validityElement, []asn1.RawValue{
		{Tag: asn1.TagGeneralizedTime, Bytes: []byte(day(-1))}, {Tag: asn1.TagGeneralizedTime, Bytes: []byte(day(90))},
	})
	leaf("reversed-dates", func(c *x509.Certificate) { c.NotBefore, c.NotAfter = c.NotAfter, c.NotBefore })
	pairs[len(pairs)-1].Alone = true // it would always be due
	issuer("outlives-issuer", func(c *x509.Certificate) { c.NotAfter = m.now.AddDate(0, 0, 60) })
	leaf("critical-extension", with(1, 3, 6, 1, 4, 1, 99999, 1)(true, "\x05\x00"))

	roca := m.rocaKey()
	template := m.leaf()
	forRSA(template)
	c := m.sign(template, roca.Public(), m.Intermediate, nil)
	pairs = append(pairs, Pair{ID: "roca", Hosts: []string{Host},
		PEM: pki.PEM{Cert: pemOf(c, m.Intermediate.Certificate), Key: m.pemOfKey(roca), CA: pemOf(m.Root.Certificate)}})

	asked := func(id string, args ...string) {
		pairs = append(pairs, Pair{ID: id, PEM: m.Sound(), Args: args, Alone: true})
	}
	leaf("baseline", func(c *x509.Certificate) { c.Subject.CommonName = "Example" })
	pairs[len(pairs)-1].Args, pairs[len(pairs)-1].Alone = []string{"--profile", "public"}, true
	asked("no-client-auth", "--for", "client")
	asked("not-a-ca", "--for", "ca")
	return pairs
}

// The elements of a certificate's body, which stand behind its version.
const (
	serialElement   = 1
	validityElement = 4
)

// rewritten is c with another element of its body, signed again: crypto/x509 does not make what is wrong.
func (m *Maker) rewritten(c *x509.Certificate, by *Authority, element int, value any) *x509.Certificate {
	var body []asn1.RawValue
	_, err := asn1.Unmarshal(c.RawTBSCertificate, &body)
	m.check(err)
	der, err := asn1.Marshal(value)
	m.check(err)
	body[element] = asn1.RawValue{FullBytes: der}
	tbs, err := asn1.Marshal(body)
	m.check(err)
	signed, err := x509.ParseCertificate(m.signed(tbs, c.Raw, by))
	m.check(err)
	return signed
}

// rocaKey is an RSA key as Infineon's library made them: modulo each of its small primes, a prime of the key is a
// power of 65537.
func (m *Maker) rocaKey() crypto.Signer {
	product := big.NewInt(1)
	for _, p := range []int64{11, 13, 17, 19, 37, 53, 61, 71, 73, 79, 97, 103, 107, 109, 127, 151, 157} {
		product.Mul(product, big.NewInt(p))
	}
	prime := func(first, power int64) *big.Int { // of 1024 bits, which begin with first
		rest := new(big.Int).Exp(big.NewInt(65537), big.NewInt(power), product)
		k := new(big.Int).Lsh(big.NewInt(first), 1020)
		for k.Div(k, product); ; k.Add(k, big.NewInt(1)) {
			p := new(big.Int).Add(new(big.Int).Mul(k, product), rest)
			if p.ProbablyPrime(10) && new(big.Int).Mod(new(big.Int).Sub(p, big.NewInt(1)), big.NewInt(65537)).Sign() != 0 {
				return p
			}
		}
	}
	p, q := prime(15, 17), prime(13, 4711)
	one := big.NewInt(1)
	phi := new(big.Int).Mul(new(big.Int).Sub(p, one), new(big.Int).Sub(q, one))
	key := &rsa.PrivateKey{
		PublicKey: rsa.PublicKey{N: new(big.Int).Mul(p, q), E: 65537},
		D:         new(big.Int).ModInverse(big.NewInt(65537), phi), Primes: []*big.Int{p, q},
	}
	key.Precompute()
	m.check(key.Validate())
	return key
}
