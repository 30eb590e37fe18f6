package certs

import (
	"bytes"
	"crypto/sha256"
	"crypto/x509"
	"encoding/asn1"
	"testing"
	"time"

	"certgen/certs/pki"
	"certgen/internal/pkitest"
)

// TestIssue looks at what DESIGN promises of every certificate.
func TestIssue(t *testing.T) {
	t.Parallel()
	now := time.Date(2027, 3, 4, 5, 6, 7, 890, time.FixedZone("", 3600))
	serials := map[string]bool{}
	for _, test := range []struct {
		algorithm string
		usage     x509.KeyUsage
	}{
		{"ecdsa", x509.KeyUsageDigitalSignature},
		{"ed25519", x509.KeyUsageDigitalSignature},
		{"rsa", x509.KeyUsageDigitalSignature | x509.KeyUsageKeyEncipherment},
	} {
		r := request(t, Spec{Name: "x", DNSNames: []string{"b.example", "a.example"}, KeyAlgorithm: test.algorithm})
		pair, _, err := Issue(r, SelfSigned{}, now)
		if err != nil {
			t.Fatal(err)
		}
		leaf := pair.Leaf
		if leaf.KeyUsage != test.usage || len(leaf.ExtKeyUsage) != 1 || leaf.ExtKeyUsage[0] != x509.ExtKeyUsageServerAuth {
			t.Errorf("%s: usages %v, %v", test.algorithm, leaf.KeyUsage, leaf.ExtKeyUsage)
		}
		if !leaf.BasicConstraintsValid || leaf.IsCA || !criticalExtension(leaf, asn1.ObjectIdentifier{2, 5, 29, 19}) {
			t.Errorf("%s: basic constraints CA:FALSE, critical, are missing", test.algorithm)
		}
		if leaf.Version != 3 || leaf.SerialNumber.Sign() <= 0 || leaf.SerialNumber.BitLen() > 159 || serials[leaf.SerialNumber.String()] {
			t.Errorf("%s: version %d, serial number %d", test.algorithm, leaf.Version, leaf.SerialNumber)
		}
		serials[leaf.SerialNumber.String()] = true
		if want := time.Date(2027, 3, 4, 4, 1, 7, 0, time.UTC); !leaf.NotBefore.Equal(want) || !leaf.NotAfter.Equal(want.Add(365*pki.Day)) {
			t.Errorf("%s: valid from %s to %s", test.algorithm, leaf.NotBefore, leaf.NotAfter)
		}
		var spki struct {
			Algorithm asn1.RawValue
			Bits      asn1.BitString
		}
		if _, err := asn1.Unmarshal(leaf.RawSubjectPublicKeyInfo, &spki); err != nil {
			t.Fatal(err)
		}
		if id := sha256.Sum256(spki.Bits.Bytes); !bytes.Equal(leaf.SubjectKeyId, id[:20]) || !bytes.Equal(leaf.AuthorityKeyId, leaf.SubjectKeyId) {
			t.Errorf("%s: SKI %x, AKI %x, want %x", test.algorithm, leaf.SubjectKeyId, leaf.AuthorityKeyId, id[:20])
		}
		if got := pki.FormatName(leaf.RawSubject); got != "CN=b.example" || !bytes.Equal(leaf.RawSubject, leaf.RawIssuer) {
			t.Errorf("%s: subject %s, issuer %s", test.algorithm, got, pki.FormatName(leaf.RawIssuer))
		}
		if pair.Root != leaf || len(pair.Intermediates) > 0 {
			t.Errorf("%s: the root is %v", test.algorithm, pair.Root)
		}
	}
}

func criticalExtension(c *x509.Certificate, id asn1.ObjectIdentifier) bool {
	for _, e := range c.Extensions {
		if e.Id.Equal(id) {
			return e.Critical
		}
	}
	return false
}

// TestNotAfter: a life ends with its issuer's, and before the year 10000.
func TestNotAfter(t *testing.T) {
	t.Parallel()
	start := time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC)
	for _, test := range []struct {
		start    time.Time
		duration time.Duration
		latest   time.Time
		want     time.Time
	}{
		{start, pki.Day, time.Time{}, start.Add(pki.Day)},
		{start, pki.Day, start.Add(2 * pki.Day), start.Add(pki.Day)},
		{start, 3 * pki.Day, start.Add(2 * pki.Day), start.Add(2 * pki.Day)},
		{time.Date(9999, 6, 1, 0, 0, 0, 0, time.UTC), 365 * pki.Day, time.Time{}, pki.LastNotAfter},
	} {
		if got := (Request{Duration: test.duration}).notAfter(test.start, test.latest); !got.Equal(test.want) {
			t.Errorf("%s from %s, at most until %s: %s, want %s", test.duration, test.start, test.latest, got, test.want)
		}
	}
	// The last moments that a certificate can name can be issued for, too.
	pair, _, err := Issue(request(t, webSpec), SelfSigned{}, time.Date(9999, 12, 1, 0, 0, 0, 0, time.UTC))
	if err != nil || !pair.Leaf.NotAfter.Equal(pki.LastNotAfter) {
		t.Errorf("%v, %v", pair, err)
	}
}

// TestCheck: each thing that a client would refuse is found before anything is written.
func TestCheck(t *testing.T) {
	t.Parallel()
	now := time.Now()
	root := pkitest.Authority(t, "Root", nil, nil)
	r := request(t, Spec{DNSNames: []string{"web.example"}, IPAddresses: []string{"192.0.2.1"}})
	for what, test := range map[string]struct {
		change func(*pki.KeyPair)
		r      Request
		now    time.Time
		ok     bool
	}{
		"nothing":          {func(*pki.KeyPair) {}, r, now, true},
		"no root":          {func(p *pki.KeyPair) { p.Root = nil }, r, now, true},
		"another key":      {func(p *pki.KeyPair) { p.Key = pkitest.ECKey(t) }, r, now, false},
		"another root":     {func(p *pki.KeyPair) { p.Root = pkitest.Authority(t, "Root", nil, nil).Cert }, r, now, false},
		"a host more":      {func(*pki.KeyPair) {}, request(t, Spec{DNSNames: []string{"api.example"}}), now, false},
		"an address more":  {func(*pki.KeyPair) {}, request(t, Spec{IPAddresses: []string{"192.0.2.2"}}), now, false},
		"after its end":    {func(*pki.KeyPair) {}, r, now.Add(400 * pki.Day), false},
		"before its start": {func(*pki.KeyPair) {}, r, now.Add(-time.Hour), false},
		"another's leaf":   {func(p *pki.KeyPair) { p.Leaf = root.Cert }, r, now, false},
	} {
		pair, _, err := Issue(r, caOf(t, root), now)
		if err != nil {
			t.Fatal(err)
		}
		test.change(pair)
		if _, err := check(pair, test.r, test.now, false); (err == nil) != test.ok {
			t.Errorf("%s: %v", what, err)
		}
	}
	clients := request(t, Spec{DNSNames: []string{"me.example"}, Usages: []string{"client auth"}})
	if _, _, err := Issue(clients, caOf(t, root), now); err != nil {
		t.Errorf("a certificate for clients alone: %v", err)
	}
}
