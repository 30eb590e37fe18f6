package certmanager_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"sync"
	"testing"
	"time"

	"certgen/internal/pkitest"
	"certgen/render"
	"certgen/secrets/certmanager"
	"certgen/secrets/provision"
)

// bulk writes a manifest with n Certificates of twenty lines each, signed by an issuer: "self", or "ca" which a CA in the same file is
// behind.
func bulk(t testing.TB, issuer string, n int) certmanager.Source {
	t.Helper()
	path := filepath.Join(t.TempDir(), "bulk.yaml")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	pkitest.Certificates(f, issuer, n)
	return certmanager.Source{Name: path, Open: func() (io.ReadCloser, error) { return os.Open(path) }}
}

// brought makes everything that a source asks for and prints it.
func brought(t testing.TB, source certmanager.Source, n int) {
	t.Helper()
	store := provision.Printed{Encode: provision.EncodeManifest(render.YAML)}
	sum, err := certmanager.Run(t.Context(), []certmanager.Source{source}, store, certmanager.Options{Parallel: runtime.GOMAXPROCS(0)}, func(d certmanager.Done) error {
		if d.Result == nil || d.Result.Err != nil || len(d.Result.Output) == 0 {
			t.Fatalf("%+v", d)
		}
		return nil
	})
	if err != nil || sum.Issued != n+1 {
		t.Fatalf("%+v, %v", sum, err)
	}
}

// bare makes n keys and certificates of them on all cores, and does nothing else.
func bare(t testing.TB, n int) {
	t.Helper()
	template := &x509.Certificate{Subject: pkix.Name{CommonName: "web"}, DNSNames: []string{"web", "web.shop.svc"}, NotAfter: time.Now().AddDate(0, 3, 0), BasicConstraintsValid: true}
	var group sync.WaitGroup
	cores := runtime.GOMAXPROCS(0)
	for range cores {
		group.Go(func() {
			for range n / cores {
				key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
				if err != nil {
					t.Error(err)
				}
				if _, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key); err != nil {
					t.Error(err)
				}
			}
		})
	}
	group.Wait()
}

// BenchmarkRun makes a thousand certificates of a manifest, read and written as YAML, beside bare keys and certificates, in turns. The bars
// hold with CERTGEN_TEST_BARS=1. How much memory that takes says BenchmarkCreateFiles of cmd/certgen.
func BenchmarkRun(b *testing.B) {
	const n, rounds = 1000, 7
	for _, issuer := range []string{"self", "ca"} {
		b.Run(issuer, func(b *testing.B) {
			source := bulk(b, issuer, n)
			var rates []float64
			for b.Loop() {
				for range rounds {
					start := time.Now()
					brought(b, source, n)
					middle := time.Now()
					bare(b, n)
					rates = append(rates, time.Since(middle).Seconds()/middle.Sub(start).Seconds())
				}
			}
			slices.Sort(rates)
			rate := rates[len(rates)/2]
			b.ReportMetric(0, "ns/op")
			b.ReportMetric(rate, "of-bare-rate")
			// Between 0.40 and 0.60 were measured beside other work; 0.6 is the aim.
			if rate < 0.35 && os.Getenv("CERTGEN_TEST_BARS") == "1" {
				b.Errorf("%.2f of the rate of bare keys and certificates, at least 0.35 are wanted", rate)
			}
		})
	}
}
