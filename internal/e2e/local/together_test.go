package local

import (
	"bytes"
	"crypto/tls"
	"fmt"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"

	"certgen/internal/e2e"
	"certgen/internal/testbed"
)

// TestTogether runs certgen four times at once on the same files, again and again: whichever run is last, the
// files are one pair, and no run fails over another.
func TestTogether(t *testing.T) {
	t.Parallel()
	testbed.Long(t, "runs certgen hundreds of times")
	const rounds, runs = 60, 4
	for name, place := range map[string][]string{
		"folder": {"-o", "pem", "--out", "."},
		"files":  {"--cert-out", "tls.crt", "--key-out", "tls.key"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			mismatched := 0
			for range rounds {
				dir := t.TempDir()
				var done sync.WaitGroup
				for range runs {
					done.Go(func() {
						cmd := exec.Command(e2e.Certgen(t), append([]string{"create", "web", "--dns", "web.example", "--reissue"}, place...)...)
						cmd.Dir = dir
						if out, err := cmd.CombinedOutput(); err != nil {
							t.Errorf("%v\n%s", err, out)
						}
					})
				}
				done.Wait()
				cert, key := e2e.Read(t, filepath.Join(dir, "tls.crt")), e2e.Read(t, filepath.Join(dir, "tls.key"))
				if _, err := tls.X509KeyPair(cert, key); err != nil || name == "folder" && !bytes.Equal(cert, e2e.Read(t, filepath.Join(dir, "ca.crt"))) {
					mismatched++
				}
			}
			if mismatched > 0 {
				t.Errorf("%d of %d rounds left files that do not belong together", mismatched, rounds)
			}
		})
	}
}

// TestTogetherCSR: of runs that make requests for one key file at once, each is left with a request for the key in it.
func TestTogetherCSR(t *testing.T) {
	t.Parallel()
	const rounds, runs = 40, 4
	orphans := 0
	for range rounds {
		dir := t.TempDir()
		var done sync.WaitGroup
		for run := range runs {
			done.Go(func() {
				cmd := exec.Command(e2e.Certgen(t), "create", "web", "--dns", "web.example", "-o", "csr", "--key-out", "tls.key", "--out", fmt.Sprintf("%d.csr", run))
				cmd.Dir = dir
				if out, err := cmd.CombinedOutput(); err != nil {
					t.Errorf("%v\n%s", err, out)
				}
			})
		}
		done.Wait()
		public := e2e.Output(t, "", e2e.Need(t, "openssl"), "pkey", "-in", filepath.Join(dir, "tls.key"), "-pubout")
		for run := range runs {
			if e2e.Output(t, "", e2e.Need(t, "openssl"), "req", "-in", filepath.Join(dir, fmt.Sprintf("%d.csr", run)), "-noout", "-pubkey") != public {
				orphans++
			}
		}
	}
	if orphans > 0 {
		t.Errorf("%d of %d requests are not for the key in the file", orphans, rounds*runs)
	}
}
