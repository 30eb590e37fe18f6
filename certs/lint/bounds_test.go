package lint_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"fmt"
	"math/big"
	mathrand "math/rand/v2"
	"slices"
	"testing"
	"time"

	"certgen/certs/lint"
	"certgen/internal/pkitest"
)

// mesh is a leaf with n CAs above it, each signed by each of the few before it, and a root that signed the first.
func mesh(t testing.TB, n int) (chain []*x509.Certificate, root *x509.Certificate) {
	t.Helper()
	now := time.Now()
	made := func(template, parent *x509.Certificate, public, signer *ecdsa.PrivateKey) *x509.Certificate {
		template.NotBefore, template.NotAfter = now.Add(-time.Hour), now.Add(24*time.Hour)
		template.SerialNumber = big.NewInt(mathrand.Int64N(1<<62) | 1<<61)
		der, err := x509.CreateCertificate(rand.Reader, template, parent, public.Public(), signer)
		if err != nil {
			t.Fatal(err)
		}
		c, err := x509.ParseCertificate(der)
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	ca := func(i int) *x509.Certificate {
		return &x509.Certificate{Subject: pkix.Name{CommonName: fmt.Sprintf("CA %d", i)}, IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign}
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	root = made(ca(0), ca(0), key, key)
	previous := []*x509.Certificate{root}
	for i := 1; i <= n; i++ {
		var signed []*x509.Certificate
		for _, parent := range previous[max(0, len(previous)-3):] {
			signed = append(signed, made(ca(i), parent, key, key))
		}
		chain = append(chain, signed...)
		previous = append(previous, signed[0])
	}
	leaf := &x509.Certificate{Subject: pkix.Name{CommonName: "web.example"}, DNSNames: []string{"web.example"}, KeyUsage: x509.KeyUsageDigitalSignature}
	return slices.Insert(chain, 0, made(leaf, previous[len(previous)-1], key, key)), root
}

// TestMesh: a hundred CAs that signed each other take no more memory than what is read of a file. How long they take
// is bounded by the number of signatures that crypto/x509 checks.
func TestMesh(t *testing.T) {
	chain, root := mesh(t, 100)
	roots := x509.NewCertPool()
	roots.AddCert(root)
	const most = 64 << 20
	start := time.Now()
	used := pkitest.PeakHeap(func() {
		lint.Target{Chain: chain}.Lint(lint.Expectations{Hosts: []string{"web.example"}, Now: time.Now(), Roots: roots, Anchors: []*x509.Certificate{root}})
	})
	if used > most {
		t.Errorf("%d MiB, more than %d", used>>20, most>>20)
	}
	t.Logf("%d certificates in %s", len(chain), time.Since(start))
}

// errorsOf are the ids of the errors among findings, which say whether it is refused.
func errorsOf(found []lint.Finding) (ids []string) {
	for _, f := range found {
		if f.Rule.Severity == lint.Error && !slices.Contains(ids, f.Rule.ID) {
			ids = append(ids, f.Rule.ID)
		}
	}
	slices.Sort(ids)
	return ids
}

// FuzzVerify: whatever certificates stand behind a leaf, in whatever order, linting ends without a panic and with the
// same errors.
func FuzzVerify(f *testing.F) {
	chain, root := mesh(f, 4)
	stranger, strange := mesh(f, 2)
	f.Add(uint64(1), uint16(0xffff), []byte{})
	f.Add(uint64(2), uint16(7), stranger[0].Raw)
	all := slices.Concat(chain[1:], stranger, []*x509.Certificate{root, strange})
	roots := x509.NewCertPool()
	roots.AddCert(root)
	f.Fuzz(func(t *testing.T, seed uint64, chosen uint16, der []byte) {
		var surplus []*x509.Certificate
		for i, c := range all {
			if chosen>>(i%16)&1 == 1 {
				surplus = append(surplus, c)
			}
		}
		if more, err := x509.ParseCertificate(der); err == nil {
			surplus = append(surplus, more)
		}
		want := lint.Expectations{Hosts: []string{"web.example"}, Now: time.Now(), Roots: roots, Anchors: []*x509.Certificate{root}}
		first := errorsOf(lint.Target{Chain: slices.Concat(chain[:1], surplus)}.Lint(want))
		mathrand.New(mathrand.NewPCG(seed, 0)).Shuffle(len(surplus), func(i, j int) { surplus[i], surplus[j] = surplus[j], surplus[i] })
		if second := errorsOf(lint.Target{Chain: slices.Concat(chain[:1], surplus)}.Lint(want)); !slices.Equal(first, second) {
			t.Errorf("errors %q, and in another order %q", first, second)
		}
	})
}
