package lint

import (
	"crypto/x509"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"certgen/certs/pki"
	"certgen/certs/revocation"
	"certgen/internal/pkitest"
)

// limboCase is a chain with the verdict that a client should reach.
type limboCase pkitest.LimboCase

// lint lints the chain with a profile; the error says why it cannot be read.
func (c limboCase) lint(profile Profile) (found []Finding, err error) {
	roots, err := parseAll(c.Roots)
	if err != nil {
		return nil, err
	}
	all, err := parseAll(append([]string{c.Leaf}, c.Others...))
	if err != nil {
		return nil, err
	}
	want := Expectations{Now: time.Now(), Roots: poolOf(roots), Anchors: roots, Profile: profile, For: ForServers}
	for _, text := range c.CRLs {
		list, err := revocation.Read(c.ID, strings.NewReader(text))
		if err != nil {
			return nil, err
		}
		want.CRLs = append(want.CRLs, list)
	}
	if c.Time != nil {
		want.Now = *c.Time
	}
	switch {
	case c.Kind == "CLIENT":
		want.For = ForClients
	case c.Name != nil:
		want.Hosts = []string{c.Name.Value}
	}
	return Target{Chain: all}.Lint(want), nil
}

func parseAll(texts []string) (all []*x509.Certificate, err error) {
	for _, text := range texts {
		certs, err := pki.ParseCertificates([]byte(text))
		if err != nil {
			return nil, err
		}
		all = append(all, certs...)
	}
	return all, nil
}

// profile is what a case is about: the rules of public CAs stand under webpki, all others are RFC 5280's.
func (c limboCase) profile() Profile {
	if strings.HasPrefix(c.ID, "webpki::") {
		return Public
	}
	return Strict
}

func anError(found []Finding) bool {
	return slices.ContainsFunc(found, func(f Finding) bool { return f.Rule.Severity == Error })
}

// limboExceptions are the cases that certgen decides otherwise, with the reasons.
var limboExceptions = map[string]string{
	"pathlen::max-chain-depth-0-exhausted":        "a bound that a client sets for itself, not a fault of the certificates",
	"pathlen::max-chain-depth-1-exhausted":        "a bound that a client sets for itself, not a fault of the certificates",
	"rfc5280::aki::cross-signed-root-missing-aki": "a root, which is trusted for being there; cve::cve-2024-0567 wants such a one to be accepted",
	"rfc5280::nc::permitted-dn-match":             "it has no alternative name: clients of servers want one, and the case asks for none",
	"webpki::nc::nc-permits-dns-san-pattern":      sameAsNotInSAN,
	"webpki::san::exact-localhost-ip-san":         sameAsNotInSAN,
	"webpki::san::leftmost-wildcard-san":          sameAsNotInSAN,
}

const sameAsNotInSAN = "its common name is none of its alternative names, which webpki::cn::not-in-san wants to be refused"

// TestLimbo: every bad chain has an error, and no good one has, neither with its profile nor with the default.
func TestLimbo(t *testing.T) {
	t.Parallel()
	for _, read := range pkitest.Limbo(t, filepath.Join("..", "..")) {
		c := limboCase(read)
		found, err := c.lint(c.profile())
		refused := err != nil || anError(found)
		if want := c.Expected == "FAILURE"; refused != want && limboExceptions[c.ID] == "" {
			t.Errorf("%s: want %s: %v", c.ID, c.Expected, found)
		}
		if found, err = c.lint(Private); c.Expected == "SUCCESS" && limboExceptions[c.ID] == "" && (err != nil || anError(found)) {
			t.Errorf("%s is good, and an error by default: %v", c.ID, found)
		}
	}
}
