package main

import (
	"os"
	"os/exec"
	"slices"
	"testing"
	"time"

	"certgen/internal/e2e"
	"certgen/internal/testbed"
)

// BenchmarkProcess times whole runs of `certgen create`, from the start of the process to its end, beside
// what they replace: `openssl req -x509` alone, and the tutorial's chain, which goes on with base64 and
// `kubectl create secret tls`. All take turns, so that what else the machine does falls on each alike.
//
// The limits hold where CERTGEN_TEST_BARS=1 says that the machine is quiet enough to judge.
func BenchmarkProcess(b *testing.B) {
	dir := b.TempDir()
	openssl, base64, kubectl := e2e.Need(b, "openssl"), e2e.Need(b, "base64"), testbed.KubectlPath(b)
	// The tutorial's own command line, and the same with the type of key that certgen makes.
	req := []string{openssl, "req", "-x509", "-nodes", "-days", "365", "-keyout", "nginx.key", "-out", "nginx.crt", "-subj", "/CN=my-nginx/O=my-nginx"}
	rsa := slices.Concat(req, []string{"-newkey", "rsa:2048"})
	p256 := slices.Concat(req, []string{"-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"})
	chain := func(issue []string) [][]string {
		return [][]string{
			issue,
			{base64, "nginx.crt"},
			{base64, "nginx.key"},
			{kubectl, "--kubeconfig", os.DevNull, "create", "secret", "tls", "nginxsecret", "--key", "nginx.key", "--cert", "nginx.crt", "--dry-run=client", "-o", "yaml"},
		}
	}
	const openSSL, wholeChain = "openssl-P256", "chain-P256"
	turns := []struct {
		name     string
		commands [][]string
		judged   bool
	}{
		{"certgen-1-name", [][]string{{e2e.Certgen(b), "create", "x", "--dns", "one.example"}}, true},
		{"certgen-tutorial", [][]string{{e2e.Certgen(b), "create", "nginxsecret"}}, true},
		{"certgen-RSA2048", [][]string{{e2e.Certgen(b), "create", "nginxsecret", "--key-algorithm", "rsa"}}, false},
		{openSSL, [][]string{p256}, false},
		{"openssl-RSA2048", [][]string{rsa}, false},
		{wholeChain, chain(p256), false},
		{"chain-RSA2048", chain(rsa), false},
	}

	took := map[string][]time.Duration{}
	for b.Loop() {
		for range 40 {
			for _, turn := range turns {
				start := time.Now()
				for _, command := range turn.commands {
					cmd := exec.Command(command[0], command[1:]...)
					cmd.Dir = dir
					if err := cmd.Run(); err != nil {
						b.Fatalf("%s: %v", cmd, err)
					}
				}
				took[turn.name] = append(took[turn.name], time.Since(start))
			}
		}
	}
	median := func(name string) float64 {
		slices.Sort(took[name])
		return took[name][len(took[name])/2].Seconds() * 1000
	}
	b.ReportMetric(0, "ns/op") // all turns together say nothing
	b.Logf("%-18s %8s %12s %12s", "medians", "ms", "of openssl", "of chain")
	for _, turn := range turns {
		ms := median(turn.name)
		ofOpenSSL, ofChain := ms/median(openSSL), ms/median(wholeChain)
		b.Logf("%-18s %8.2f %12.2f %12.2f", turn.name, ms, ofOpenSSL, ofChain)
		b.ReportMetric(ms, turn.name+"-ms")
		if turn.judged && os.Getenv("CERTGEN_TEST_BARS") == "1" && (ofOpenSSL > 1 || ofChain > 0.15) {
			b.Errorf("%s takes %.2f of openssl (limit 1.00) and %.2f of the chain (limit 0.15)", turn.name, ofOpenSSL, ofChain)
		}
	}
}
