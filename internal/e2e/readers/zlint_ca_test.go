package readers

import (
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"certgen/internal/e2e"
)

// publicCAsOnly are the lints that hold a CA's certificate to the rules for those that browsers ship; see [publicOnly].
func publicCAsOnly() map[string]struct{ where, reason string } {
	return map[string]struct{ where, reason string }{
		"w_sub_ca_aia_missing":                         {"", "no service of the issuer's to point to"},
		"w_sub_ca_aia_does_not_contain_issuing_ca_url": {"", "no URL of the issuer: tls.crt carries the intermediates"},
		"e_sub_ca_crl_distribution_points_missing":     {"", "no server for revocation lists"},
		"e_sub_ca_certificate_policies_missing":        {"", "the policies are the Forum's own"},
		"e_ca_organization_name_missing":               {"", "--subject names one where there is one"},
		"e_ca_country_name_missing":                    {"", "--subject names one where there is one"},
		"e_ext_nc_intersects_reserved_ip":              {"/constrained", "192.0.2.0/24 belongs to nobody"},
		"e_mp_ecdsa_pub_key_encoding_correct":          {"P-521/", "Mozilla's roots know no P-521"},
		"e_mp_ecdsa_signature_encoding_correct":        {"P-521/", "Mozilla's roots know no P-521"},
		"e_algorithm_identifier_improper_encoding":     {"Ed25519/", "public CAs have no Ed25519 keys"},
		"e_signature_algorithm_not_supported":          {"Ed25519/", "public CAs may not sign with Ed25519 keys"},
	}
}

// TestZlintOfCAs: zlint has nothing against the CAs that certgen makes.
func TestZlintOfCAs(t *testing.T) {
	t.Parallel()
	excluded := publicCAsOnly()
	var fired sync.Map
	t.Cleanup(func() {
		for lint := range excluded {
			if _, ok := fired.Load(lint); !ok && !t.Failed() && !t.Skipped() {
				t.Errorf("%s is excluded for nothing", lint)
			}
		}
	})
	zlint := zlint(t)
	for _, key := range e2e.KeyTypes() {
		t.Run(key.Name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			create := func(name string, args ...string) string {
				folder := filepath.Join(dir, name)
				if err := os.Mkdir(folder, 0o700); err != nil {
					t.Fatal(err)
				}
				e2e.Output(t, "", e2e.Certgen(t), append(append([]string{"ca", "create", name, "-o", "pem", "--out", folder}, args...), key.Flags()...)...)
				return filepath.Join(folder, "tls.crt")
			}
			root := create("root")
			under := []string{"--ca-cert", root, "--ca-key", strings.TrimSuffix(root, ".crt") + ".key"}
			for _, cert := range []string{
				root,
				create("intermediate", under...),
				create("last", append(under, "--path-length", "0", "--subject", "CN=Example Last,O=Example,C=DE", "--usages", "digital signature,server auth")...),
				create("constrained", append(under, "--permit-dns", "example.com", "--permit-ip", "192.0.2.0/24,2001:db8::/32", "--permit-email", "example.com",
					"--permit-uri", ".example.com", "--exclude-dns", "secret.example.com", "--exclude-ip", "192.0.2.128/25")...),
			} {
				for lint, found := range complaints(t, e2e.Output(t, "", zlint, cert)) {
					fired.Store(lint, true)
					what := key.Name + "/" + filepath.Base(filepath.Dir(cert))
					if x, ok := excluded[lint]; !ok || !strings.Contains(what, x.where) {
						t.Errorf("%s: %s: %s %s", what, found.Result, lint, found.Details)
					}
				}
			}
		})
	}
}
