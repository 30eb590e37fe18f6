package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"certgen/internal/e2e"
	"certgen/internal/faulty"
)

// BenchmarkInspect times whole runs of `certgen inspect FILE` beside `openssl x509 -noout -text`, in turns.
// The limit holds where CERTGEN_TEST_BARS=1 says that the machine is quiet enough to judge.
func BenchmarkInspect(b *testing.B) {
	cert := filepath.Join(b.TempDir(), "tls.crt")
	e2e.Write(b, cert, faulty.NewMaker(b, time.Now()).Sound().Cert)
	commands := map[string][]string{
		"certgen": {e2e.Certgen(b), "inspect", cert},
		"openssl": {e2e.Need(b, "openssl"), "x509", "-noout", "-text", "-in", cert},
	}
	took := map[string][]time.Duration{}
	for b.Loop() {
		for range 40 {
			for name, command := range commands {
				start := time.Now()
				if err := exec.Command(command[0], command[1:]...).Run(); err != nil {
					b.Fatalf("%s: %v", command, err)
				}
				took[name] = append(took[name], time.Since(start))
			}
		}
	}
	median := func(name string) float64 {
		slices.Sort(took[name])
		return took[name][len(took[name])/2].Seconds() * 1000
	}
	ratio := median("certgen") / median("openssl")
	b.ReportMetric(0, "ns/op") // both together say nothing
	b.ReportMetric(median("certgen"), "certgen-ms")
	b.ReportMetric(median("openssl"), "openssl-ms")
	b.ReportMetric(ratio, "of-openssl")
	if os.Getenv("CERTGEN_TEST_BARS") == "1" && ratio > 1.2 {
		b.Errorf("certgen inspect takes %.2f of openssl x509, want at most 1.20", ratio)
	}
}
