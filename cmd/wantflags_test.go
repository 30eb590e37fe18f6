package cmd

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"certgen/certs/pki"
	"certgen/cmd/internal/cli"
)

// TestDecisionReadsOnce: a cluster that changes while apply is at work has it decide again, by which time its
// inputs, a password among them, may have gone by.
func TestDecisionReadsOnce(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path := func(name string) string { return filepath.Join(dir, name) }
	var out, err bytes.Buffer
	streams := cli.IOStreams{In: bytes.NewReader(nil), Out: &out, Err: &err}
	if code := Main(t.Context(), []string{"create", "web", "--dns", "web.example", "--cert-out", path("web.crt"), "--key-out", path("web.key")}, streams); code != cli.ExitDone {
		t.Fatal(err.String())
	}
	want := wantFlags{pair: pairFlags{cert: path("web.crt"), key: path("web.key")}}
	nothing := target{asks: func(pki.Field) bool { return false }}
	decide, failed := want.decision(t.Context(), streams, nothing, nil)
	if failed != nil {
		t.Fatal(failed)
	}
	for _, name := range []string{"web.crt", "web.key"} {
		if err := os.Remove(path(name)); err != nil {
			t.Fatal(err)
		}
	}
	first, failed := decide(t.Context(), pki.PEM{})
	if failed != nil || first.kept {
		t.Fatalf("kept %v, %v", first.kept, failed)
	}
	second, failed := decide(t.Context(), first.pem)
	if failed != nil || !second.kept || strings.Join(second.notes, "") != strings.Join(first.notes, "") {
		t.Errorf("kept %v, notes %q, %v", second.kept, second.notes, failed)
	}
}
