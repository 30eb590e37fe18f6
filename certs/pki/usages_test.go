package pki

import (
	"crypto/x509"
	"slices"
	"strings"
	"testing"
)

func TestParseUsages(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		names     string // parted by commas
		algorithm KeyAlgorithm
		want      string
		problems  string
	}{
		{"", ECDSA, "digital signature, server auth", ""},
		{"", Ed25519, "digital signature, server auth", ""},
		{"", RSA, "digital signature, key encipherment, server auth", ""},
		{"client auth", ECDSA, "digital signature, client auth", ""},
		{"serverAuth,clientAuth,server auth", ECDSA, "digital signature, server auth, client auth", ""},
		{"signing", RSA, "digital signature, server auth", ""},
		{"any", ECDSA, "digital signature, any", ""},
		{"key agreement,digital-signature", ECDSA, "digital signature, key agreement, server auth", ""},
		{"key_encipherment,data encipherment", RSA, "key encipherment, data encipherment, server auth", ""},
		{"server authh", ECDSA, "", `usages "server authh": unknown usage`},
		{",", ECDSA, "", "usages \"\": empty\nusages \"\": empty"},
		{"cert sign,crl sign", RSA, "", "usages \"cert sign\": a server certificate must not sign others; only a CA does\nusages \"crl sign\": a server certificate must not sign others; only a CA does"},
		{"key encipherment", ECDSA, "", `usages "key encipherment": only an RSA key enciphers, not ecdsa`},
		{"data encipherment", Ed25519, "", `usages "data encipherment": only an RSA key enciphers, not ed25519`},
		{"key agreement", RSA, "", `usages "key agreement": only an ECDSA key agrees on keys, not rsa`},
	} {
		var names []string
		if test.names != "" {
			names = strings.Split(test.names, ",")
		}
		key, ext, problems := ParseUsages(names, test.algorithm)
		got := List(FormatUsages(key, ext))
		if problems.Error() != test.problems || test.problems == "" && got != test.want {
			t.Errorf("%q for %s: %s; %v; want %s; %q", test.names, test.algorithm, got, problems, test.want, test.problems)
		}
	}
}

// TestUsageNames: each name is found by itself, and the hint leaves out what is always refused.
func TestUsageNames(t *testing.T) {
	t.Parallel()
	for _, u := range usages {
		if found, ok := findUsage(u.name); !ok || found != u {
			t.Errorf("%q is found as %v", u.name, found)
		}
		if u.isKeyUsage() == (u.ext != 0 || u.name == "any") {
			t.Errorf("%q is of both kinds, or of none", u.name)
		}
		hidden := u.rare || u.key&(x509.KeyUsageCertSign|x509.KeyUsageCRLSign) != 0
		if slices.Contains(UsageNames(), u.name) == hidden {
			t.Errorf("%q: the usages to name are %q", u.name, UsageNames())
		}
	}
}
