package testbed

import (
	"bytes"
	"fmt"
	"testing"

	corev1 "k8s.io/api/core/v1"
)

// thousand returns 1,000 TLS Secrets of about the size of real ones.
func thousand(ns string) []*corev1.Secret {
	secrets := make([]*corev1.Secret, 1000)
	for i := range secrets {
		secrets[i] = secret(ns, fmt.Sprintf("s%d", i))
		secrets[i].Data = map[string][]byte{"tls.crt": bytes.Repeat([]byte("c"), 700), "tls.key": bytes.Repeat([]byte("k"), 240), "ca.crt": bytes.Repeat([]byte("a"), 700)}
	}
	return secrets
}

// BenchmarkApply writes 1,000 new Secrets, as kubectl does and as fast as the server takes them.
func BenchmarkApply(b *testing.B) {
	c := Start(b)
	rate := func(b *testing.B, seconds float64) {
		b.ReportMetric(1000*float64(b.N)/seconds, "secrets/s")
	}
	for _, parallel := range []int{1, 4, 16, 32, 64} {
		b.Run(fmt.Sprintf("patch-%d", parallel), func(b *testing.B) {
			var seconds float64
			for range b.N {
				ns := c.Namespace(b, nil)
				took, err := PatchAll(b.Context(), Config(b, c.Kubeconfig(b, ns)), thousand(ns), parallel)
				if err != nil {
					b.Fatal(err)
				}
				seconds += took.Seconds()
			}
			rate(b, seconds)
		})
	}
	b.Run("kubectl", func(b *testing.B) {
		var seconds float64
		for range b.N {
			ns := c.Namespace(b, nil)
			seconds += c.KubectlApplyAll(b, c.Kubeconfig(b, ns), thousand(ns)).Seconds()
		}
		rate(b, seconds)
	})
}
