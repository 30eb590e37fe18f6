package order

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"certgen/certs"
	"certgen/certs/pki"
	"certgen/cmd/internal/cli"
	"certgen/secrets/provision"
)

// TestOrderReadsOnce: a cluster that changes while apply is at work has it decide again, by which time its
// inputs, a password among them, may have gone by.
func TestOrderReadsOnce(t *testing.T) {
	t.Parallel()
	request, err := certs.Spec{Name: "web", DNSNames: []string{"web.example"}}.Request()
	if err != nil {
		t.Fatal(err)
	}
	pair, _, err := certs.Issue(request, certs.SelfSigned{}, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	text, err := pair.PEM()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	path := func(name string) string { return filepath.Join(dir, name) }
	for name, data := range map[string][]byte{"web.crt": text.Cert, "web.key": text.Key} {
		if err := os.WriteFile(path(name), data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	var out, said bytes.Buffer
	streams := cli.IOStreams{In: bytes.NewReader(nil), Out: &out, Err: &said}
	want := Flags{pair: pairFlags{cert: path("web.crt"), key: path("web.key")}}
	order, err := want.Order(t.Context(), streams, Target{asks: func(pki.Field) bool { return false }}, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"web.crt", "web.key"} {
		if err := os.Remove(path(name)); err != nil {
			t.Fatal(err)
		}
	}
	first, err := order.Means.Decide(provision.Held{}, time.Now())
	if err != nil || first.Action == provision.Kept {
		t.Fatalf("%s, %v", first.Action, err)
	}
	second, err := order.Means.Decide(provision.Held{PEM: first.PEM}, time.Now())
	if err != nil || second.Action != provision.Kept || strings.Join(second.Notes, "") != strings.Join(first.Notes, "") {
		t.Errorf("%s, notes %q, %v", second.Action, second.Notes, err)
	}
}
