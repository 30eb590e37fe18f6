package provision_test

import (
	"os"
	"slices"
	"testing"
	"time"

	"certgen/certs"
	"certgen/certs/pki"
	"certgen/internal/pkitest"
	"certgen/render"
	"certgen/secrets"
	"certgen/secrets/provision"
)

// BenchmarkRun brings about ten thousand orders, printed as YAML, beside the same certificates without an engine: issued
// and encoded one after the other. They take turns, a hundred at a time. The bars hold where CERTGEN_TEST_BARS=1 says
// that the machine is quiet enough to judge.
func BenchmarkRun(b *testing.B) {
	const n, turn = 10_000, 100
	all := wants(b, "default", n)
	print := func(orders []provision.Order) {
		store := provision.Printed{Encode: provision.EncodeManifest(render.YAML)}
		err := provision.Run(b.Context(), store, orders, provision.Options{Parallel: 1}, func(r provision.Result) error {
			if len(r.Output) == 0 {
				b.Fatal("no output")
			}
			return nil
		})
		if err != nil {
			b.Fatal(err)
		}
	}
	bare := func(orders []provision.Order) {
		for _, order := range orders {
			request := order.Means.(provision.Issue).Request
			pair, _, err := certs.Issue(request, certs.SelfSigned{}, time.Now())
			var text pki.PEM
			if err == nil {
				text, err = pair.PEM()
			}
			if err == nil {
				_, err = render.Encode(render.YAML, secrets.New(order.Secret, text, false))
			}
			if err != nil {
				b.Fatal(err)
			}
		}
	}
	thousand := pkitest.PeakHeap(func() { print(all[:n/10]) })
	tens := pkitest.PeakHeap(func() { print(all) })
	var ratios []float64
	for b.Loop() {
		for i := range n / turn {
			orders := all[i*turn : (i+1)*turn]
			times := map[int]time.Duration{}
			works := []func([]provision.Order){bare, print}
			for k := range works {
				k = (k + i) % 2 // who is first changes
				start := time.Now()
				works[k](orders)
				times[k] = time.Since(start)
			}
			ratios = append(ratios, times[1].Seconds()/times[0].Seconds())
		}
	}
	slices.Sort(ratios)
	ratio, above := ratios[len(ratios)/2], (float64(tens)-float64(thousand))/(1<<20)
	b.ReportMetric(0, "ns/op") // all turns together say nothing
	b.ReportMetric(ratio, "engine/bare")
	b.ReportMetric(above, "MiB-above-thousand")
	if os.Getenv("CERTGEN_TEST_BARS") != "1" {
		return
	}
	if ratio > 1.1 { // 1.065 is measured, 1.017 to 1.042 before the spec was kept beside the certificate; 1.03 is the aim
		b.Errorf("the engine takes %.3f of bare issuing and encoding, at most 1.1 are allowed", ratio)
	}
	if above > 8 {
		b.Errorf("ten thousand orders take %.1f MiB more than a thousand, at most 8 are allowed", above)
	}
}
