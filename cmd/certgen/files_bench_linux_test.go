package main

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"certgen/internal/e2e"
	"certgen/internal/pkitest"
)

// created runs `certgen create -f -` for n Certificates, which come through a pipe, and returns how long it took and the most memory
// that it had, in bytes.
func created(b *testing.B, n int) (took time.Duration, memory int64) {
	b.Helper()
	out, in := io.Pipe()
	go func() {
		pkitest.Certificates(in, "ca", n)
		in.Close()
	}()
	cmd := exec.Command(e2e.Certgen(b), "create", "-f", "-")
	var said bytes.Buffer
	cmd.Stdin, cmd.Stderr = out, &said
	start := time.Now()
	if err := cmd.Run(); err != nil || !strings.HasSuffix(said.String(), fmt.Sprintf("%d Certificates, %[1]d issued\n", n+1)) {
		b.Fatalf("%v: %.500s", err, said.String())
	}
	return time.Since(start), cmd.ProcessState.SysUsage().(*syscall.Rusage).Maxrss << 10
}

// BenchmarkCreateFiles sets the making of a thousand certificates from a manifest beside a shell loop of openssl, and the memory for
// twenty thousand beside that for a thousand; a hundred thousand, by hand, took 1.27 of that. The limits hold where CERTGEN_TEST_BARS=1 says that the machine is quiet enough to judge.
func BenchmarkCreateFiles(b *testing.B) {
	const few, many, looped = 1000, 20_000, 100
	judged := os.Getenv("CERTGEN_TEST_BARS") == "1"
	b.Run("openssl", func(b *testing.B) {
		e2e.Need(b, "openssl")
		loop := exec.Command("sh", "-c", fmt.Sprintf(`i=0; while [ $i -lt %d ]; do i=$((i+1))
openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout key.pem -subj /CN=web-$i -addext subjectAltName=DNS:web-$i,DNS:web-$i.shop.svc -out csr.pem
openssl x509 -req -in csr.pem -CA ca.pem -CAkey ca-key.pem -days 90 -copy_extensions copy -out $i.pem
done`, looped))
		loop.Dir = b.TempDir()
		ca := exec.Command("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", "ca-key.pem", "-subj", "/CN=ca", "-out", "ca.pem")
		ca.Dir = loop.Dir
		if text, err := ca.CombinedOutput(); err != nil {
			b.Fatalf("%v: %s", err, text)
		}
		var ours, theirs time.Duration
		for b.Loop() {
			took, _ := created(b, few)
			start := time.Now()
			if err := loop.Run(); err != nil {
				b.Fatal(err)
			}
			if _, err := os.Stat(filepath.Join(loop.Dir, fmt.Sprintf("%d.pem", looped))); err != nil {
				b.Fatal(err)
			}
			ours, theirs = ours+took, theirs+time.Since(start)
			loop = &exec.Cmd{Path: loop.Path, Args: loop.Args, Dir: loop.Dir}
		}
		times := theirs.Seconds() / looped / (ours.Seconds() / few)
		b.ReportMetric(0, "ns/op")
		b.ReportMetric(times, "times-openssl")
		if judged && times < 40 {
			b.Errorf("%.0f times the rate of openssl, at least 40 are wanted", times)
		}
	})
	b.Run("memory", func(b *testing.B) {
		for b.Loop() {
			_, least := created(b, few)
			_, most := created(b, many)
			grown := float64(most) / float64(least)
			b.ReportMetric(0, "ns/op")
			b.ReportMetric(float64(most)/(1<<20), "MiB")
			b.ReportMetric(grown, "of-a-thousand")
			if judged && (most > 100e6 || grown > 1.3) {
				b.Errorf("twenty thousand Certificates take %d MB, %.2f of what a thousand take; at most 100 and 1.30 are allowed", most/1e6, grown)
			}
		}
	})
}
