package encoding

import (
	"crypto"
	"crypto/x509"
	"crypto/x509/pkix"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"certgen/certs/pki"
	"certgen/internal/pkitest"
)

func TestPair(t *testing.T) {
	t.Parallel()
	root := pkitest.Issue(t, "Root", nil, pkitest.ECKey(t), nil)
	crossRoot := pkitest.Issue(t, "Older root", nil, pkitest.ECKey(t), nil)
	cross := pkitest.Issue(t, "Root", crossRoot, root.Key, nil)
	middle := pkitest.Issue(t, "Middle", root, pkitest.ECKey(t), nil)
	low := pkitest.Issue(t, "Low", middle, pkitest.ECKey(t), nil)
	leaf := pkitest.Issue(t, "leaf.example", low, pkitest.ECKey(t), func(c *x509.Certificate) {
		c.IssuingCertificateURL = []string{"http://ca.example/low.crt"}
	})
	later := pkitest.Issue(t, "leaf.example", low, leaf.Key, func(c *x509.Certificate) { c.NotAfter = c.NotAfter.Add(time.Hour) })
	placeholder := pkitest.Issue(t, "leaf.example", nil, leaf.Key, func(c *x509.Certificate) { c.NotAfter = c.NotAfter.Add(24 * time.Hour) })
	alone := pkitest.Issue(t, "alone.example", nil, pkitest.ECKey(t), nil)
	other := pkitest.Issue(t, "other.example", root, pkitest.ECKey(t), nil)
	impostor := pkitest.Issue(t, "Low", nil, pkitest.ECKey(t), nil) // the issuer's name, not its key
	certs := func(s ...*pkitest.Signed) []*x509.Certificate {
		var out []*x509.Certificate
		for _, c := range s {
			out = append(out, c.Cert)
		}
		return out
	}

	for name, tc := range map[string]struct {
		in, extra []*x509.Certificate
		key       *pkitest.Signed
		leaf      *pkitest.Signed
		above     []*x509.Certificate
		root      *pkitest.Signed
		notes     []string // part of each note
	}{
		"in order":          {in: certs(leaf, low, middle), extra: certs(root), leaf: leaf, above: certs(low, middle), root: root},
		"reversed":          {in: certs(root, middle, low, leaf), leaf: leaf, above: certs(low, middle), root: root, notes: []string{"put in order", "root was taken out"}},
		"root in it":        {in: certs(leaf, low, middle, root), leaf: leaf, above: certs(low, middle), root: root, notes: []string{"root was taken out of the chain, as servers do not send it: CN=Root"}},
		"root in both":      {in: certs(leaf, low, middle, root), extra: certs(root), leaf: leaf, above: certs(low, middle), root: root, notes: []string{"root was taken out"}},
		"root unknown":      {in: certs(leaf, low, middle), leaf: leaf, above: certs(low, middle), notes: []string{"the issuer of CN=Middle is not among those given: CN=Root"}},
		"middle missing":    {in: certs(leaf, low), extra: certs(root), leaf: leaf, above: certs(low), notes: []string{"the issuer of CN=Low is not among", "none of the CA certificates given issued"}},
		"leaf alone":        {in: certs(leaf), leaf: leaf, notes: []string{`the CA offers it at "http://ca.example/low.crt"`}},
		"middle in the CA":  {in: certs(leaf, low), extra: certs(root, middle), leaf: leaf, above: certs(low, middle), root: root, notes: []string{"added to the chain from the CA certificates given: CN=Middle"}},
		"CA is not a root":  {in: certs(leaf), extra: certs(low), leaf: leaf, above: certs(low), notes: []string{"added to the chain from the CA certificates given: CN=Low", "the issuer of CN=Low is not among those given: CN=Middle"}},
		"wrong CA":          {in: certs(leaf, low, middle, root), extra: certs(alone), leaf: leaf, above: certs(low, middle), root: root, notes: []string{"root was taken out", "none of the CA certificates"}},
		"duplicates":        {in: certs(leaf, low, leaf, low, middle), extra: certs(root), leaf: leaf, above: certs(low, middle), root: root, notes: []string{"duplicates left out: 2"}},
		"unrelated":         {in: certs(other, leaf, low, middle, alone), extra: certs(root), leaf: leaf, above: certs(low, middle), root: root, notes: []string{"left out, as not part of the chain: CN=other.example, CN=alone.example"}},
		"impostor":          {in: certs(leaf, impostor, low, middle), extra: certs(root), leaf: leaf, above: certs(low, middle), root: root, notes: []string{"not part of the chain: CN=Low"}},
		"self-signed":       {in: certs(alone), key: alone, leaf: alone, root: alone},
		"self-signed as CA": {in: certs(alone), extra: certs(alone), key: alone, leaf: alone, root: alone},
		"renewed":           {in: certs(leaf, later, low, middle), extra: certs(root), leaf: later, above: certs(low, middle), root: root, notes: []string{"not part of the chain: CN=leaf.example"}},
		"placeholder":       {in: certs(placeholder, leaf, low, middle), extra: certs(root), leaf: leaf, above: certs(low, middle), root: root, notes: []string{"not part of the chain: CN=leaf.example"}},
		"cross-signed":      {in: certs(leaf, low, middle, cross), leaf: leaf, above: certs(low, middle, cross), notes: []string{"the issuer of CN=Root is not among those given: CN=Older root"}},
		"both roots":        {in: certs(leaf, low, middle, cross, root), leaf: leaf, above: certs(low, middle), root: root, notes: []string{"root was taken out", "not part of the chain: CN=Root"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			key := leaf.Key
			if tc.key != nil {
				key = tc.key.Key
			}
			pair, notes, err := (&Material{Certificates: tc.in, Keys: []crypto.Signer{key}}).Pair(tc.extra)
			if err != nil {
				t.Fatal(err)
			}
			if !pair.Leaf.Equal(tc.leaf.Cert) || !slices.EqualFunc(pair.Intermediates, tc.above, (*x509.Certificate).Equal) {
				t.Errorf("leaf %s, above it %d", pki.CertName(pair.Leaf), len(pair.Intermediates))
			}
			if tc.root == nil && pair.Root != nil || tc.root != nil && !tc.root.Cert.Equal(pair.Root) {
				t.Errorf("root %v", pair.Root)
			}
			if len(notes) != len(tc.notes) {
				t.Fatalf("notes %q, want %q", notes, tc.notes)
			}
			for i, want := range tc.notes {
				if !strings.Contains(notes[i], want) {
					t.Errorf("note %q, want %q", notes[i], want)
				}
			}
		})
	}
}

func TestPairErrors(t *testing.T) {
	t.Parallel()
	one, two := pkitest.Issue(t, "one.example", nil, pkitest.ECKey(t), nil), pkitest.Issue(t, "two.example", nil, pkitest.ECKey(t), nil)
	for name, tc := range map[string]struct {
		m    Material
		want string
	}{
		"no key":         {Material{Certificates: []*x509.Certificate{one.Cert}}, "no private key"},
		"no certificate": {Material{Keys: []crypto.Signer{one.Key}}, "no certificate"},
		"mismatch":       {Material{Certificates: []*x509.Certificate{one.Cert}, Keys: []crypto.Signer{two.Key}}, "does not belong to any of the 1 certificates (the first is that of CN=one.example)"},
		"two pairs":      {Material{Certificates: []*x509.Certificate{one.Cert, two.Cert}, Keys: []crypto.Signer{one.Key, two.Key}}, "that of CN=one.example and that of CN=two.example"},
	} {
		if _, _, err := tc.m.Pair(nil); err == nil || !strings.Contains(err.Error(), tc.want) {
			t.Errorf("%s: %v, want %q", name, err, tc.want)
		}
	}
	// The same key twice is one key.
	pair, _, err := (&Material{Certificates: []*x509.Certificate{one.Cert}, Keys: []crypto.Signer{two.Key, one.Key, one.Key}}).Pair(nil)
	if err != nil || !pair.Leaf.Equal(one.Cert) {
		t.Errorf("another key and the same one twice: %v", err)
	}
}

// Go refuses to check SHA-1. Such a chain is put in order nonetheless, by its names.
func TestPairOfSHA1(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	key, cert := filepath.Join(dir, "key"), filepath.Join(dir, "cert")
	pkitest.RunTool(t, "openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-sha1", "-subj", "/CN=old", "-keyout", key, "-out", cert)
	m, err := Read(slices.Concat(pkitest.Read(t, key), pkitest.Read(t, cert)), nil)
	if err != nil {
		t.Fatal(err)
	}
	pair, notes, err := m.Pair(nil)
	if err != nil || len(notes) > 0 || pair.Root != pair.Leaf {
		t.Errorf("root %v, notes %q, %v", pair.Root, notes, err)
	}
}

// deepChain is a leaf with n certificates above it, shuffled.
func deepChain(t testing.TB, n int) (*Material, *x509.Certificate) {
	t.Helper()
	parent := pkitest.Issue(t, "CA 0", nil, pkitest.ECKey(t), nil)
	all := []*x509.Certificate{parent.Cert}
	for i := 1; i < n; i++ {
		parent = pkitest.Issue(t, fmt.Sprint("CA ", i), parent, pkitest.ECKey(t), nil)
		all = append(all, parent.Cert)
	}
	leaf := pkitest.Issue(t, "leaf.example", parent, pkitest.ECKey(t), nil)
	all = append(all, leaf.Cert)
	rand.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	return &Material{Certificates: all, Keys: []crypto.Signer{leaf.Key}}, leaf.Cert
}

// Long chains and large certificates are read and put in order in time that grows with their size.
func TestLargeInputs(t *testing.T) {
	t.Parallel()
	deep, leaf := deepChain(t, 1000)
	text := string(pki.EncodeCertificates(deep.Certificates...)) + pkitest.PEMOf("PRIVATE KEY", pkitest.MarshalPKCS8(t, deep.Keys[0]))
	wide := pkitest.Issue(t, "wide.example", nil, pkitest.ECKey(t), func(c *x509.Certificate) {
		for i := range 10_000 {
			c.DNSNames = append(c.DNSNames, fmt.Sprintf("host-%d.example", i))
		}
		c.ExtraExtensions = []pkix.Extension{{Id: []int{1, 2, 3, 4}, Value: make([]byte, 16<<10)}}
	})

	start := time.Now()
	m, err := Read([]byte(text), nil)
	if err != nil {
		t.Fatal(err)
	}
	pair, _, err := m.Pair(nil)
	if err != nil || !pair.Leaf.Equal(leaf) || len(pair.Intermediates) != 999 || pair.Root == nil {
		t.Fatalf("chain of 1,000: %v", err)
	}
	m, err = Read(wide.Cert.Raw, nil)
	if err != nil || len(m.Certificates[0].DNSNames) != 10_001 {
		t.Fatalf("10,000 names: %v", err)
	}
	if d := time.Since(start); d > 10*time.Second { // each with each would take half a minute
		t.Errorf("took %v", d)
	}

	many := strings.Repeat(pkitest.PEMOf("CERTIFICATE", leaf.Raw), maxCertificates+1)
	if _, err := Read([]byte(many), nil); err == nil || !strings.Contains(err.Error(), "more than 10000 certificates") {
		t.Errorf("too many certificates: %v", err)
	}
	keys := strings.Repeat(pkitest.PEMOf("PRIVATE KEY", pkitest.MarshalPKCS8(t, deep.Keys[0])), maxKeys+1)
	if _, err := Read([]byte(keys), nil); err == nil || !strings.Contains(err.Error(), "more than 100 private keys") {
		t.Errorf("too many keys: %v", err)
	}
}

// Certificates that all bear one name are not tried each with each.
func TestManyOfOneName(t *testing.T) {
	t.Parallel()
	key := pkitest.ECKey(t)
	m := &Material{Keys: []crypto.Signer{key}}
	ca := pkitest.Issue(t, "Same", nil, pkitest.ECKey(t), nil)
	m.Certificates = append(m.Certificates, pkitest.Issue(t, "leaf.example", ca, key, nil).Cert)
	for range pki.MaxTries + 1 {
		m.Certificates = append(m.Certificates, pkitest.Issue(t, "Same", nil, ca.Key, nil).Cert)
	}
	if _, _, err := m.Pair(nil); err == nil || !strings.Contains(err.Error(), "33 certificates have the name of one issuer") {
		t.Errorf("%v", err)
	}
}

// A chain ten times as long takes some ten times as long, not a hundred.
func BenchmarkPair(b *testing.B) {
	for _, n := range []int{3, 100, 1000} {
		m, _ := deepChain(b, n)
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			for b.Loop() {
				if _, _, err := m.Pair(nil); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N*n), "µs/certificate")
		})
	}
}
