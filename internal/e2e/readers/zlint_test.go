package readers

import (
	"encoding/json"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"certgen/internal/e2e"
	"certgen/internal/testbed"
)

// publicOnly are the lints that hold a certificate to the rules for CAs whose roots browsers ship (the
// CA/Browser Forum's Baseline Requirements and Mozilla's Root Store Policy), where certgen's certificates,
// which are private, cannot follow or have no use for them. Each is let pass only where it must be: in the
// tests whose name contains where.
func publicOnly() map[string]struct{ where, reason string } {
	return map[string]struct{ where, reason string }{
		"e_sub_cert_aia_missing":                         {"", "no service of the issuer's to point to"},
		"e_sub_cert_aia_does_not_contain_ocsp_url":       {"", "no OCSP responder"},
		"w_sub_cert_aia_does_not_contain_issuing_ca_url": {"", "no URL of the issuer: tls.crt carries the intermediates"},
		"e_sub_cert_certificate_policies_missing":        {"", "the policies are the Forum's own"},
		"e_sub_cert_cert_policy_empty":                   {"", "the policies are the Forum's own"},
		"w_subject_common_name_included":                 {"", "the issuer of a self-signed certificate is its subject, and may not be empty"},
		"e_dnsname_not_valid_tld":                        {"", "a Service's names end in svc or cluster.local, not in a public domain"},
		"e_ext_san_contains_reserved_ip":                 {"/every name", "127.0.0.1 belongs to nobody"},
		"e_ext_san_rfc822_name_present":                  {"/every name", "asked for by flag; public ones are for DNS names and addresses only"},
		"e_ext_san_uniform_resource_identifier_present":  {"/every name", "asked for by flag; public ones are for DNS names and addresses only"},
		"e_mp_ecdsa_pub_key_encoding_correct":            {"/P-521", "Mozilla's roots know no P-521"},
		"e_mp_ecdsa_signature_encoding_correct":          {"/P-521", "Mozilla's roots know no P-521"},
		"e_algorithm_identifier_improper_encoding":       {"/Ed25519", "public CAs may not sign for Ed25519 keys"},
		"e_signature_algorithm_not_supported":            {"/Ed25519", "public CAs may not sign with Ed25519 keys"},
	}
}

func TestZlint(t *testing.T) {
	t.Parallel()
	excluded := publicOnly()
	var fired sync.Map
	t.Cleanup(func() {
		for lint := range excluded {
			if _, ok := fired.Load(lint); !ok && !t.Failed() && !t.Skipped() {
				t.Errorf("%s is excluded for nothing", lint)
			}
		}
	})
	specs := map[string][]string{"nginxsecret": {"nginxsecret"}, "every name": append([]string{"x"}, everyName()...)}
	zlint := zlint(t)
	for _, key := range e2e.KeyTypes() {
		t.Run(key.Name, func(t *testing.T) {
			t.Parallel()
			for issuer, flags := range e2e.Issuers(t, key.Algorithm) {
				for name, spec := range specs {
					t.Run(issuer+"/"+name, func(t *testing.T) {
						t.Parallel()
						args := append(append(spec[:len(spec):len(spec)], key.Flags()...), flags...)
						cert := filepath.Join(e2e.CreatePEM(t, args...), "tls.crt")
						for lint, found := range complaints(t, e2e.Output(t, "", zlint, cert)) {
							fired.Store(lint, true)
							if x, ok := excluded[lint]; !ok || !strings.Contains(t.Name(), strings.ReplaceAll(x.where, " ", "_")) {
								t.Errorf("%s: %s %s", found.Result, lint, found.Details)
							}
						}
					})
				}
			}
		})
	}
}

// finding is what zlint says of one lint.
type finding struct {
	Result  string `json:"result"`
	Details string `json:"details"`
}

// complaints reads zlint's report and leaves out what it was content with.
func complaints(t *testing.T, report string) map[string]finding {
	t.Helper()
	var findings map[string]finding
	if err := json.Unmarshal([]byte(report), &findings); err != nil {
		t.Fatal(err)
	}
	if len(findings) < 300 {
		t.Fatalf("zlint applied only %d lints", len(findings))
	}
	for name, f := range findings {
		switch f.Result {
		case "pass", "NA", "NE", "info":
			delete(findings, name)
		}
	}
	return findings
}

// zlint returns the zlint that testdata/zlint pins.
func zlint(t testing.TB) string {
	t.Helper()
	const module = "github.com/zmap/zlint/v3"
	return testbed.Program{Name: "zlint", Dir: "zlint", Module: module, Package: module + "/cmd/zlint"}.Path(t)
}
