package lint

import (
	"crypto/x509"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"certgen/certs/pki"
)

// limboCase is a chain of x509-limbo (https://x509-limbo.com) with the verdict that a client should reach.
type limboCase struct {
	ID       string
	Expected string                  `json:"expected_result"`
	Kind     string                  `json:"validation_kind"`
	Leaf     string                  `json:"peer_certificate"`
	Others   []string                `json:"untrusted_intermediates"`
	Roots    []string                `json:"trusted_certs"`
	Time     *time.Time              `json:"validation_time"`
	Name     *struct{ Value string } `json:"expected_peer_name"`
}

func readLimbo(t *testing.T) []limboCase {
	t.Helper()
	folder := os.Getenv("CERTGEN_LIMBO")
	if folder == "" {
		folder = filepath.Join("..", "..", "..", "shared", "x509-limbo")
	}
	data, err := os.ReadFile(filepath.Join(folder, "limbo.json"))
	if err != nil {
		t.Skip("x509-limbo is not here: CERTGEN_LIMBO names the folder with its limbo.json") // it is no part of the project, so never required
	}
	var suite struct{ Testcases []limboCase }
	if err := json.Unmarshal(data, &suite); err != nil {
		t.Fatal(err)
	}
	return suite.Testcases
}

// refused reports whether linting finds an error, or there is nothing that can be read.
func (c limboCase) refused(t *testing.T) bool {
	var target Target
	roots := x509.NewCertPool()
	want := Expectations{Now: time.Now(), Roots: roots}
	for _, text := range append([]string{c.Leaf}, c.Others...) {
		certs, err := pki.ParseCertificates([]byte(text))
		if err != nil {
			return true
		}
		target.Chain = append(target.Chain, certs...)
	}
	for _, text := range c.Roots {
		certs, err := pki.ParseCertificates([]byte(text))
		if err != nil {
			return true
		}
		roots.AddCert(certs[0])
	}
	if c.Time != nil {
		want.Now = *c.Time
	}
	if c.Name != nil {
		want.Hosts = []string{c.Name.Value}
	}
	findings := target.Lint(want)
	t.Logf("%s, want %s: %v", c.ID, c.Expected, findings)
	return slices.ContainsFunc(findings, func(f Finding) bool { return f.Rule.Severity == Error })
}

// TestLimbo: of the good chains for servers none is refused beside those that crypto/x509 refuses, and of the
// bad ones as many are as were when this was written. Two more are for hosts that --hostname refuses.
func TestLimbo(t *testing.T) {
	t.Parallel()
	const bad, found = 145, 91
	stricter := []string{ // than others crypto/x509 is
		"pathlen::self-issued-certs-pathlen", "rfc5280::nc::permitted-self-issued", // which count self-issued CAs
		"rfc5280::nc::permitted-dn-match", "rfc5280::nc::nc-forbids-othername-noop", // kinds of names that it does not know
		"rfc5280::validity::notafter-fractional",
	}
	refused := 0
	for _, c := range readLimbo(t) {
		switch r := c.refused(t); {
		case c.Expected == "FAILURE" && r:
			refused++
		case c.Expected == "SUCCESS" && c.Kind == "SERVER" && r != slices.Contains(stricter, c.ID):
			t.Errorf("%s is good: refused %t", c.ID, r)
		}
	}
	if refused < found {
		t.Errorf("%d of %d bad chains refused, want %d", refused, bad, found)
	}
}
