package cmd

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"certgen/certs/pki"
	"certgen/cmd/internal/cli"
	"certgen/internal/faulty"
	"certgen/render/report"
)

// run runs certgen in this process.
func run(t *testing.T, in io.Reader, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	var out, err bytes.Buffer
	code = Main(t.Context(), args, cli.IOStreams{In: in, Out: &out, Err: &err})
	return code, out.String(), err.String()
}

// manyDocuments is a manifest of many documents, made while it is read.
type manyDocuments struct {
	document []byte
	at, left int
}

func (r *manyDocuments) Read(p []byte) (int, error) {
	if r.left == 0 {
		return 0, io.EOF
	}
	n := copy(p, r.document[r.at:])
	if r.at += n; r.at == len(r.document) {
		r.at = 0
		r.left--
	}
	return n, nil
}

// TestVerifyMemory: what verify holds is bounded by the largest document, not by the file.
func TestVerifyMemory(t *testing.T) {
	const documents, padding, bound = 600, 100 << 10, 32 << 20
	secret := faulty.Secret(faulty.NewMaker(t, time.Now()).Sound())
	unit := secret + "---\napiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: large\ndata:\n  text: " + strings.Repeat("x", padding) + "\n---\n"
	var code int
	var stdout, stderr string
	most := watchHeap(func() {
		code, stdout, stderr = run(t, &manyDocuments{document: []byte(unit), left: documents}, "verify", "-")
	})
	if code != cli.ExitDone || strings.Count(stdout, ": ok\n") != documents {
		t.Fatalf("exit %d, %s", code, stderr)
	}
	t.Logf("%d MB read, at most %d MB held", documents*len(unit)>>20, most>>20)
	if most > bound {
		t.Errorf("%d bytes held beside those before, want at most %d", most, bound)
	}
}

// patience in these tests is for a machine that does much besides.
const hostilePatience = 30 * time.Second

// quickly fails a test that takes longer, from now on: one with parallel subtests would count their wait for others.
func quickly(t *testing.T) {
	start := time.Now()
	t.Cleanup(func() {
		if took := time.Since(start); took > hostilePatience {
			t.Errorf("took %s, want at most %s", took, hostilePatience)
		}
	})
}

// TestHostileCertificates: what others make does not make certgen slow, nor its reports endless.
func TestHostileCertificates(t *testing.T) {
	t.Parallel()
	m := faulty.NewMaker(t, time.Now())
	for name, text := range map[string][]byte{
		"10,000 names":       pki.EncodeCertificates(m.ManyNames(10_000)),
		"16 KB extension":    pki.EncodeCertificates(m.LargeExtension(16 << 10)),
		"chain of 1,000":     pki.EncodeCertificates(m.LongChain(1_000)...),
		"5,000 times itself": bytes.Repeat(pki.EncodeCertificates(m.LongChain(1)...), 5_000),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			quickly(t)
			code, stdout, stderr := run(t, bytes.NewReader(text), "inspect", "-")
			if code != cli.ExitDone || len(stdout) > 64<<10 {
				t.Errorf("inspect: exit %d, %d bytes\n%s", code, len(stdout), stderr)
			}
			code, stdout, stderr = run(t, bytes.NewReader(text), "verify", "-", "-o", "json", "--hostname", "web.example")
			if code != cli.ExitFailed || !json.Valid([]byte(stdout)) {
				t.Errorf("verify: exit %d\n%s%s", code, stdout, stderr)
			}
		})
	}
}

// TestHostileFiles: what is too large, cut off, or nothing at all is said so, and does not end in a crash.
func TestHostileFiles(t *testing.T) {
	t.Parallel()
	m := faulty.NewMaker(t, time.Now())
	pair := m.Sound()
	large := func(start string) io.Reader {
		return io.MultiReader(strings.NewReader(start), io.LimitReader(zeros{}, 100<<20))
	}
	tests := map[string]struct {
		in     io.Reader
		code   int
		report string
	}{
		"100 MB":          {large("-----BEGIN CERTIFICATE-----\n"), cli.ExitTrouble, "error: -: the input has 16777217 bytes, more than 16777216"},
		"100 MB document": {large("apiVersion: v1\n"), cli.ExitTrouble, "error: -: document 1, from line 1 on: is over the limit of 67108864 bytes"},
		"cut":             {bytes.NewReader(pair.Cert[:len(pair.Cert)/2]), cli.ExitFailed, "error unreadable: the PEM block at line"},
		"cut manifest":    {strings.NewReader(faulty.Secret(pair)[:400]), cli.ExitFailed, "error base64-damaged: tls.crt is not base64"},
		"empty":           {strings.NewReader(""), cli.ExitTrouble, "error: -: the input is empty"},
		"nested Lists":    {strings.NewReader(strings.Repeat(`{"apiVersion":"v1","kind":"List","items":[`, 5_000) + strings.Repeat("]}", 5_000)), cli.ExitFailed, "error manifest-damaged: document 1, from line 1 on: "},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			quickly(t)
			code, stdout, stderr := run(t, test.in, "verify", "-")
			if code != test.code || !strings.Contains(stdout+stderr, test.report) {
				t.Errorf("exit %d, want %d and %q\n%.2000s%.2000s", code, test.code, test.report, stdout, stderr)
			}
		})
	}
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) {
	clear(p)
	return len(p), nil
}

// TestFolderOfJunk: of a folder in which anything lies only the certificates are examined.
func TestFolderOfJunk(t *testing.T) {
	t.Parallel()
	quickly(t)
	dir := t.TempDir()
	const junk = 500
	random := rand.NewChaCha8([32]byte{})
	for i := range junk {
		data := make([]byte, i*100)
		random.Read(data)
		if i > 0 {
			data[0] = 'x' // the random byte may be the start of DER
		}
		if err := os.WriteFile(filepath.Join(dir, fmt.Sprintf("junk-%d", i)), data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Mkdir(filepath.Join(dir, "folder.crt"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("nowhere", filepath.Join(dir, "dangling.crt")); err != nil {
		t.Log(err) // Windows may not let us
	}
	pair := faulty.NewMaker(t, time.Now()).Sound()
	for name, text := range map[string][]byte{"tls.crt": pair.Cert, "tls.key": pair.Key, "ca.crt": pair.CA} {
		if err := os.WriteFile(filepath.Join(dir, name), text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	code, stdout, stderr := run(t, nil, "verify", dir)
	want := report.Place{Source: filepath.Join(dir, "tls.crt")}.String() + ": ok\n"
	if code != cli.ExitDone || stdout != want || stderr != fmt.Sprintf("1 certificate examined, no findings; %d other files passed over\n", junk) {
		t.Errorf("exit %d\n%s%s", code, stdout, stderr)
	}
}
