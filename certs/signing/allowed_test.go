package signing_test

import (
	"crypto/x509"
	"net"
	"net/url"
	"strings"
	"testing"

	"certgen/certs/pki"
	"certgen/certs/signing"
)

// TestAllowed holds one name against one rule. The names beside a rule are those that a careless comparison would let in.
func TestAllowed(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ rule, allows, refuses string }{
		{"web.example", "web.example WEB.example", "a.web.example example *.web.example web.example.evil"},
		{".example.com", "a.example.com b.a.example.com *.example.com", "example.com evilexample.com a.example.com.evil *.com"},
		{"10.0.0.0/8", "10.1.2.3 ::ffff:10.1.2.3", "11.0.0.1 ::ffff:11.0.0.1 10.example"},
		{"192.0.2.7", "192.0.2.7", "192.0.2.8 2001:db8::1"},
		{"2001:db8::/32", "2001:db8::1", "2001:db9::1 192.0.2.7"},
		{"spiffe://a.example/x", "spiffe://a.example/x", "spiffe://a.example/x/y spiffe://b.example/x"},
		{"spiffe://a.example/ns/*", "spiffe://a.example/ns/x spiffe://a.example/ns/x/y",
			"spiffe://a.example/ns/ spiffe://a.example/nsx spiffe://a.example.evil/ns/x spiffe://a.example/ns/../x spiffe://a.example/ns/%2e%2E/x spiffe://a.example/ns/..%2fx spiffe://a.example/ns/..?x spiffe://a.example/ns/..#x spiffe://u@a.example/ns/x spiffe://a.example:1/ns/x"},
		{"ops@a.example", "ops@a.example", "Ops@a.example ops@b.example x@a.example"},
		{"@a.example", "ops@a.example ops@A.example", "ops@b.a.example ops@xa.example ops@a.example.evil"},
		{"*", "a.example 10.0.0.1 spiffe://a.example/x ops@a.example", ""},
	} {
		allowed, err := signing.ParseAllowed([]string{test.rule})
		if err != nil {
			t.Errorf("%s: %v", test.rule, err)
			continue
		}
		for names, want := range map[string]bool{test.allows: true, test.refuses: false} {
			for name := range strings.FieldsSeq(names) {
				_, _, err := signing.Terms{Allowed: allowed}.Request("x", naming(name))
				refused := err != nil && strings.Contains(err.Error(), "no rule allows it")
				if refused == want {
					t.Errorf("the rule %s: %s: allowed is %v, want %v (%v)", test.rule, name, !refused, want, err)
				}
			}
		}
	}
}

// naming is a request for one name.
func naming(name string) *x509.CertificateRequest {
	csr := &x509.CertificateRequest{PublicKey: key.Public()}
	switch ip := net.ParseIP(name); {
	case ip != nil:
		csr.IPAddresses = []net.IP{ip}
	case strings.Contains(name, "://"):
		uri, err := url.Parse(name)
		if err != nil {
			panic(err)
		}
		csr.URIs = []*url.URL{uri}
	case strings.Contains(name, "@"):
		csr.EmailAddresses = []string{name}
	default:
		csr.DNSNames = []string{name}
	}
	csr.RawSubject = []byte{0x30, 0}
	return csr
}

func TestParseAllowedProblems(t *testing.T) {
	t.Parallel()
	rules := []string{"a_b..", "10.0.0.0/99", "spiffe://a.example*", "spiffe://a.example/x*", "@", "a b@c", ".", "", "::ffff:10.0.0.0/104"}
	_, err := signing.ParseAllowed(rules)
	problems, _ := err.(pki.Problems)
	if len(problems) != len(rules) {
		t.Fatalf("%d problems, want %d: %v", len(problems), len(rules), err)
	}
	for i, p := range problems {
		if p.Field != signing.FieldAllow || p.Value != rules[i] || p.Reason == "" {
			t.Errorf("%+v", p)
		}
	}
}
