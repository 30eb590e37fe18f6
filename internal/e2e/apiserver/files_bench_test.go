package apiserver

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"

	"certgen/internal/e2e"
	"certgen/internal/testbed"
	"certgen/render"
)

const issuersManifest = `apiVersion: cert-manager.io/v1
kind: Issuer
metadata: {name: self}
spec: {selfSigned: {}}
---
apiVersion: cert-manager.io/v1
kind: Issuer
metadata: {name: ca}
spec: {ca: {secretName: ca}}
`

const caManifest = `---
apiVersion: cert-manager.io/v1
kind: Certificate
metadata: {name: ca}
spec: {secretName: ca, isCA: true, commonName: ca, privateKey: {algorithm: ECDSA}, issuerRef: {name: self}}
`

// leavesManifest are n Certificates that the CA signs.
func leavesManifest(n int) string {
	var text strings.Builder
	for i := range n {
		fmt.Fprintf(&text, `---
apiVersion: cert-manager.io/v1
kind: Certificate
metadata:
  name: web-%[1]d
spec:
  secretName: web-%[1]d
  dnsNames:
  - web-%[1]d
  privateKey:
    algorithm: ECDSA
  issuerRef:
    name: ca
`, i)
	}
	return text.String()
}

// BenchmarkApplyFiles times whole runs of `certgen apply -f` for a thousand Certificates, from a CA in the cluster, beside raw PATCHes of
// what it makes, and a second run with nothing to do. With CERTGEN_TEST_BARS=1, on an idle machine, it fails where certgen falls behind.
func BenchmarkApplyFiles(b *testing.B) {
	const n, rounds, parallel = 1000, 3, 32
	c := testbed.Start(b)
	dir := b.TempDir()
	ca, leaves, all := filepath.Join(dir, "ca.yaml"), filepath.Join(dir, "leaves.yaml"), filepath.Join(dir, "all.yaml")
	e2e.Write(b, ca, []byte(issuersManifest+caManifest))
	e2e.Write(b, leaves, []byte(issuersManifest+leavesManifest(n)))
	e2e.Write(b, all, []byte(issuersManifest+caManifest+leavesManifest(n)))
	var rate, again []float64
	for b.Loop() {
		for round := range rounds {
			namespace, other := c.Namespace(b, nil), c.Namespace(b, nil)
			kubeconfig := c.Kubeconfig(b, namespace)
			apply := func(file string) time.Duration {
				start := time.Now()
				e2e.Output(b, "", e2e.Certgen(b), "apply", "-f", file, "--kubeconfig", kubeconfig)
				return time.Since(start)
			}
			apply(ca)
			made, err := render.Decode([]byte(e2e.Create(b, "-f", all)))
			if err != nil {
				b.Fatal(err)
			}
			var raw []*corev1.Secret
			for _, object := range made {
				secret := object.(*corev1.Secret)
				secret.Namespace = other
				raw = append(raw, secret)
			}
			var bare, first time.Duration
			turns := []func(){ // in turns, because the server slows down as it fills
				func() {
					if bare, err = testbed.PatchAll(b.Context(), testbed.Config(b, c.Kubeconfig(b, other)), raw[1:], parallel); err != nil {
						b.Fatal(err)
					}
				},
				func() { first = apply(leaves) },
			}
			if round%2 == 1 {
				slices.Reverse(turns)
			}
			for _, turn := range turns {
				turn()
			}
			second := apply(leaves)
			rate, again = append(rate, bare.Seconds()/first.Seconds()), append(again, second.Seconds()/first.Seconds())
			b.Logf("round %d: raw PATCHes %v, certgen %v, again %v", round, bare, first, second)
		}
	}
	slices.Sort(rate)
	slices.Sort(again)
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(rate[len(rate)/2], "of-ceiling")
	b.ReportMetric(again[len(again)/2], "second/first")
	if os.Getenv("CERTGEN_TEST_BARS") != "1" {
		return
	}
	if rate[len(rate)/2] < 0.6 { // between 0.73 and 1.64 were measured beside other work; 0.85 is the aim
		b.Errorf("certgen reaches %.2f of the rate of raw PATCHes, want 0.6", rate[len(rate)/2])
	}
	if again[len(again)/2] > 0.2 { // 0.16 was measured beside other work; 0.1 is the aim
		b.Errorf("the second run takes %.3f of the first, want at most 0.2", again[len(again)/2])
	}
}
