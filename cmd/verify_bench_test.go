package cmd

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/pem"
	"fmt"
	"io"
	"math/big"
	"os"
	"runtime"
	"slices"
	"sync"
	"testing"
	"time"

	"gopkg.in/yaml.v3"

	"certgen/certs/pki"
	"certgen/cmd/internal/cli"
)

// manifestOf returns a manifest of n Secrets, each with a P-256 certificate of its own, signed by an
// intermediate CA under the root in ca.crt.
func manifestOf(t testing.TB, n int) []byte {
	t.Helper()
	now := time.Now()
	issue := func(template, parent *x509.Certificate, parentKey *ecdsa.PrivateKey) (*x509.Certificate, *ecdsa.PrivateKey) {
		key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		if parent == nil {
			parent, parentKey = template, key
		}
		serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 127))
		if err != nil {
			t.Fatal(err)
		}
		template.SerialNumber = serial.SetBit(serial, 126, 1)
		template.NotBefore, template.NotAfter = now.Add(-time.Hour), now.AddDate(0, 0, 90)
		der, err := x509.CreateCertificate(rand.Reader, template, parent, key.Public(), parentKey)
		if err != nil {
			t.Fatal(err)
		}
		c, err := x509.ParseCertificate(der)
		if err != nil {
			t.Fatal(err)
		}
		return c, key
	}
	ca := func(name string) *x509.Certificate {
		return &x509.Certificate{Subject: pkix.Name{CommonName: name}, BasicConstraintsValid: true, IsCA: true, KeyUsage: x509.KeyUsageCertSign}
	}
	root, rootKey := issue(ca("Root"), nil, nil)
	intermediate, intermediateKey := issue(ca("Intermediate"), root, rootKey)
	caText := base64.StdEncoding.EncodeToString(pki.EncodeCertificates(root))
	var b bytes.Buffer
	for i := range n {
		leaf, key := issue(&x509.Certificate{
			Subject: pkix.Name{CommonName: fmt.Sprintf("web-%d", i)}, BasicConstraintsValid: true,
			DNSNames:    []string{fmt.Sprintf("web-%d.shop.svc", i), fmt.Sprintf("web-%d.shop.svc.cluster.local", i)},
			KeyUsage:    x509.KeyUsageDigitalSignature,
			ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
		}, intermediate, intermediateKey)
		keyPEM, err := pki.EncodeKey(key)
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(&b, `apiVersion: v1
kind: Secret
metadata:
  name: web-%d
  namespace: shop
  labels:
    app.kubernetes.io/managed-by: certgen
type: kubernetes.io/tls
data:
  tls.crt: %s
  tls.key: %s
  ca.crt: %s
---
`, i, base64.StdEncoding.EncodeToString(pki.EncodeCertificates(leaf, intermediate)), base64.StdEncoding.EncodeToString(keyPEM), caText)
	}
	return b.Bytes()
}

// bareVerify is the least that could be done: yaml.v3 decodes each document, x509 parses its certificates
// and verifies the chain, on all cores. It returns how many it verified.
func bareVerify(t testing.TB, manifest []byte) int {
	documents := make(chan []byte, 100)
	var verified sync.WaitGroup
	counts := make([]int, runtime.GOMAXPROCS(0))
	for i := range counts {
		verified.Go(func() {
			for text := range documents {
				var secret struct {
					Metadata struct{ Name, Namespace string }
					Data     map[string]string
				}
				if err := yaml.Unmarshal(text, &secret); err != nil {
					t.Error(err)
				}
				parse := func(entry string) (all []*x509.Certificate) {
					text, err := base64.StdEncoding.DecodeString(secret.Data[entry])
					if err != nil {
						t.Error(err)
					}
					for block, rest := pem.Decode(text); block != nil; block, rest = pem.Decode(rest) {
						c, err := x509.ParseCertificate(block.Bytes)
						if err != nil {
							t.Error(err)
						}
						all = append(all, c)
					}
					return all
				}
				chain := parse("tls.crt")
				options := x509.VerifyOptions{Roots: x509.NewCertPool(), Intermediates: x509.NewCertPool()}
				for _, c := range chain[1:] {
					options.Intermediates.AddCert(c)
				}
				for _, c := range parse("ca.crt") {
					options.Roots.AddCert(c)
				}
				if _, err := chain[0].Verify(options); err != nil {
					t.Error(err)
				}
				counts[i]++
			}
		})
	}
	for text := range bytes.SplitSeq(manifest, []byte("---\n")) {
		if len(text) > 0 {
			documents <- text
		}
	}
	close(documents)
	verified.Wait()
	total := 0
	for _, n := range counts {
		total += n
	}
	return total
}

// BenchmarkVerify examines a manifest of 10,000 Secrets, beside the bare work on the same. Both take
// turns. The limit holds where CERTGEN_TEST_BARS=1 says that the machine is quiet enough to judge.
func BenchmarkVerify(b *testing.B) {
	const secrets = 10_000
	manifest := manifestOf(b, secrets)
	took := map[string][]float64{}
	turn := func(name string, work func()) {
		runtime.GC()
		start := time.Now()
		work()
		took[name] = append(took[name], secrets/time.Since(start).Seconds())
	}
	for b.Loop() {
		for range 7 {
			turn("verify", func() {
				streams := cli.IOStreams{In: bytes.NewReader(manifest), Out: io.Discard, Err: io.Discard}
				if code := Main(context.Background(), []string{"verify", "-"}, streams); code != 0 {
					b.Fatalf("exit %d", code)
				}
			})
			turn("bare", func() {
				if n := bareVerify(b, manifest); n != secrets {
					b.Fatalf("verified %d", n)
				}
			})
		}
	}
	median := func(name string) float64 {
		slices.Sort(took[name])
		return took[name][len(took[name])/2]
	}
	ratio := median("verify") / median("bare")
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(median("verify"), "secrets/s")
	b.ReportMetric(median("bare"), "bare/s")
	b.ReportMetric(ratio, "of-bare")
	if os.Getenv("CERTGEN_TEST_BARS") == "1" && ratio < 0.8 {
		b.Errorf("verify does %.2f of the rate of the bare work, want at least 0.80", ratio)
	}
}
