package cmd

import (
	"bytes"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"certgen/certs/pki"
	"certgen/cmd/internal/cli"
	"certgen/internal/faulty"
	"certgen/render/report"
	"certgen/secrets/service"
)

// tutorialCertificate is that of the tutorial, whose private key everybody has.
func tutorialCertificate(t testing.TB) *x509.Certificate {
	t.Helper()
	text, err := os.ReadFile("../testdata/tutorial.crt")
	if err != nil {
		t.Fatal(err)
	}
	block, _ := pem.Decode(text)
	c, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// faults verifies every fault there is, as of a time, and returns by its id what certgen finds, which must
// be that fault and no other.
func faults(t testing.TB, now time.Time) map[string]report.Finding {
	t.Helper()
	m := faulty.NewMaker(t, now)
	found := map[string]report.Finding{}
	verify := func(id string, args ...string) {
		t.Helper()
		var stdout, stderr bytes.Buffer
		args = append([]string{"verify", "-o", "json", "--at", now.Format(time.RFC3339)}, args...)
		if code := Main(t.Context(), args, cli.IOStreams{In: bytes.NewReader(nil), Out: &stdout, Err: &stderr}); code != cli.ExitFailed {
			t.Errorf("%s: exit %d, want %d\n%s%s", id, code, cli.ExitFailed, &stdout, &stderr)
		}
		var report struct{ Items []report.Verdict }
		if err := json.Unmarshal(stdout.Bytes(), &report); err != nil {
			t.Errorf("%s: %v\n%s", id, err, &stdout)
			return
		}
		if len(report.Items) != 1 || len(report.Items[0].Findings) != 1 || report.Items[0].Findings[0].ID != id {
			t.Errorf("%s: want this finding alone, in one item:\n%s", id, &stdout)
			return
		}
		found[id] = report.Items[0].Findings[0]
	}
	write := func(dir, name string, data []byte) string {
		path := filepath.Join(dir, name)
		if len(data) > 0 {
			if err := os.WriteFile(path, data, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		return path
	}
	for _, p := range m.Pairs(tutorialCertificate(t)) {
		dir, outside := t.TempDir(), t.TempDir()
		args := []string{dir}
		cert, roots := write(dir, "tls.crt", p.PEM.Cert), p.Roots
		if write(dir, "tls.key", p.PEM.Key); len(p.PEM.Key) == 0 {
			args, roots = []string{cert}, p.PEM.CA
		} else {
			write(dir, "ca.crt", p.PEM.CA)
		}
		if len(roots) > 0 {
			args = append(args, "--ca", write(outside, "roots.pem", roots))
		}
		if len(p.CRL) > 0 {
			args = append(args, "--crl", write(outside, "list.crl", p.CRL))
		}
		for _, host := range p.Hosts {
			args = append(args, "--hostname", host)
		}
		verify(p.ID, append(args, p.Args...)...)
	}
	for _, manifest := range m.Manifests() {
		verify(manifest.ID, write(t.TempDir(), "secret.yaml", []byte(manifest.Text)))
	}
	roots := write(t.TempDir(), "roots.pem", pki.EncodeCertificates(m.Root.Certificate))
	for _, e := range m.Endpoints() {
		timeout := "20s"
		if e.ID == "stalled" {
			timeout = "500ms"
		}
		if found[e.ID].ID == "" && e.ID != "" {
			verify(e.ID, e.Address, "--servername", faulty.Host, "--ca", roots, "--timeout", timeout)
		}
	}
	for _, fault := range liveFaults() {
		bed := newLiveBed(t, m.Sound())
		fault.breaking(t, bed, m)
		verify(fault.id, "service/my-nginx", "--hostname", faulty.Host, "--timeout", "2s", "--kubeconfig", bed.start(t))
	}
	return found
}

// TestFindings: every rule is broken by one certificate or Secret that breaks no other.
func TestFindings(t *testing.T) {
	t.Parallel()
	found := faults(t, time.Now())
	for _, rule := range service.AllRules() {
		if found[rule.ID].ID == "" {
			t.Errorf("nothing makes the finding %s", rule.ID)
		}
		if rule.Breaks == "" || rule.Mend == "" || rule.Severity == "" {
			t.Errorf("%s says too little: %+v", rule.ID, rule)
		}
	}
	if len(found) != len(service.AllRules()) {
		t.Errorf("%d findings made, and %d rules", len(found), len(service.AllRules()))
	}
}

// TestSoundPairs: what has no fault has no finding.
func TestSoundPairs(t *testing.T) {
	t.Parallel()
	m := faulty.NewMaker(t, time.Now())
	streams := cli.IOStreams{In: bytes.NewReader([]byte(faulty.Secret(m.Sound()))), Out: &bytes.Buffer{}, Err: &bytes.Buffer{}}
	if code := Main(t.Context(), []string{"verify", "-", "--hostname", faulty.Host}, streams); code != cli.ExitDone {
		t.Errorf("exit %d\n%s%s", code, streams.Out, streams.Err)
	}
}

// TestFindingsPage holds docs/findings.md against the rules, with what certgen says of a certificate that
// breaks each. -update writes the page anew.
func TestFindingsPage(t *testing.T) {
	t.Parallel()
	const path = "../docs/findings.md"
	found := faults(t, time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC))
	var b bytes.Buffer
	b.WriteString(`# What certgen verify finds

Each finding has an id that never changes, for ` + "`--ignore`" + ` and for programs. An *error* makes clients refuse,
keeps servers from starting, or gives the key away; a *warning* breaks some clients, or will break them
later. ` + "`certgen create --cert`" + ` checks what it is given by the same rules and refuses what has an error.
`)
	for _, rule := range service.AllRules() {
		fmt.Fprintf(&b, "\n## %s\n\n%s: `%s`\n\n%s", rule.ID, rule.Severity, found[rule.ID].Detail, report.Explanation(rule))
	}
	if *update {
		if err := os.WriteFile(path, b.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	have, err := os.ReadFile(path)
	if err != nil {
		t.Fatalf("%v (go test ./cmd -run TestFindingsPage -update writes it)", err)
	}
	if !bytes.Equal(bytes.ReplaceAll(have, []byte("\r\n"), []byte("\n")), b.Bytes()) {
		t.Error("docs/findings.md is not what the rules say (go test ./cmd -run TestFindingsPage -update writes it anew)")
	}
}

// TestRuleIDs: an id never changes. A new one is added here; none is taken out.
func TestRuleIDs(t *testing.T) {
	t.Parallel()
	var ids []string
	for _, rule := range service.AllRules() {
		ids = append(ids, rule.ID)
	}
	want := []string{
		"manifest-damaged", "placeholder", "base64-damaged", "double-encoded", "secret-keys", "secret-type", "last-applied-key",
		"unreadable", "key-missing", "key-encrypted", "key-mismatch", "known-key", "expired", "not-yet-valid", "due-for-renewal",
		"long-life", "no-san", "cn-only", "name-not-covered", "deceptive-name", "chain-order", "root-in-chain", "missing-intermediate", "untrusted",
		"ca-does-not-verify", "not-permitted", "go-refuses", "weak-signature", "weak-key", "key-usage", "no-server-auth", "no-client-auth", "not-a-ca", "ca-flag", "short-serial", "revoked", "crl-invalid", "crl-stale", "crl-number",
		"ca-key-usage", "ca-key-usage-missing", "ca-basic-constraints", "ca-key-identifier",
		"ca-subject", "authority-key-id", "issuer-key-mismatch", "signing-leaf", "empty-extended-key-usage", "name-constraints", "name-constraints-critical",
		"policy-constraints", "alternative-names", "host-syntax", "wildcard", "common-name", "serial-number", "date-encoding", "reversed-dates",
		"outlives-issuer", "critical-extension", "roca", "baseline",
		"unreachable", "stalled", "reset", "plain-http", "not-tls", "old-tls", "old-cipher", "client-certificate",
		"handshake-refused", "handshake-invalid", "certificate-malformed",
		"no-endpoints", "not-ready", "target-port", "mount-missing", "conf-mismatch", "sub-path", "stale-certificate", "not-in-secret",
	}
	if !slices.Equal(ids, want) {
		t.Errorf("the ids are\n%q, want\n%q", ids, want)
	}
}
