package pki

import (
	"crypto/x509"
	"errors"
	"strings"
	"testing"
)

func TestParseDNSName(t *testing.T) {
	t.Parallel()
	label63 := strings.Repeat("a", 63)
	name253 := strings.Repeat("a23456789.", 25) + "abc"
	for in, want := range map[string]string{
		"my-nginx":                            "my-nginx",
		"My-Nginx.Default.SVC":                "my-nginx.default.svc",
		"*.Example.com":                       "*.example.com",
		"*.local":                             "*.local",
		"bücher.example":                      "xn--bcher-kva.example",
		"BÜCHER.example":                      "xn--bcher-kva.example",
		"xn--bcher-kva.example":               "xn--bcher-kva.example",
		"*.bücher.example":                    "*.xn--bcher-kva.example",
		"例え。テスト":                              "xn--r8jz45g.xn--zckzah",
		"faß.example":                         "xn--fa-hia.example",
		label63 + ".example":                  label63 + ".example",
		name253:                               name253,
		"4.example":                           "4.example",
		"0.0.0.0.in-addr.arpa":                "0.0.0.0.in-addr.arpa",
		"1":                                   "1",
		"a--b.example":                        "a--b.example",
		"ab--c.example":                       "ab--c.example",
		"abcdefgh.with-a-long-label-in-it.de": "abcdefgh.with-a-long-label-in-it.de",
	} {
		if got, err := ParseDNSName(in); err != nil || got != want {
			t.Errorf("%q: %q, %v; want %q", in, got, err, want)
		}
	}
}

func TestParseDNSNameRefuses(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"":                      "empty",
		" ":                     "white space",
		"a b":                   "white space",
		"a.example\n":           "white space",
		"https://web.example/x": "a URL",
		"://x":                  "a URL",
		"ops@web.example":       "e-mail address",
		"10.0.0.1":              "an IP address",
		"[::1]":                 "an IP address",
		"fe80::1%eth0":          "an IP address",
		"10.0.0.0/8":            "address range",
		"web.example/x":         "a path",
		"/foo":                  "a path",
		"nginx:443":             "a port",
		"web.example.":          "ends in a dot",
		".":                     "ends in a dot",
		"*":                     "whole first label",
		"*.":                    "ends in a dot",
		"a.*.example":           "whole first label",
		"w*.example":            "whole first label",
		"*.*.example":           "whole first label",
		".example":              "an empty label",
		"a..example":            "an empty label",
		"-a.example":            "hyphen",
		"a-.example":            "hyphen",
		"a_b.example":           "underscore",
		"a!b.example":           "'!' is not allowed",
		"a.example,b.example":   "',' is not allowed",
		"1.2.3":                 "the last label is a number",
		"xn--.example":          "an empty label",
		"xn--a.example":         "internationalised",
		"a\xffb.example":        "internationalised",
		"ü_b.example":           "internationalised",
		strings.Repeat("a", 64): "64 octets long, a label has at most 63",
		strings.Repeat("ü", 60): "a label has at most 63",
		strings.Repeat("a23456789.", 25) + "abcd":      "254 octets long, a host name has at most 253",
		"*." + strings.Repeat("a23456789.", 25) + "ab": "254 octets long",
	} {
		got, err := ParseDNSName(in)
		wantProblem(t, in, got, err, want)
	}
}

// wantProblem fails unless err is a Problem of the value whose reason says want.
func wantProblem(t *testing.T, in string, got any, err error, want string) {
	t.Helper()
	var p Problem
	if !errors.As(err, &p) || !strings.Contains(p.Reason, want) {
		t.Errorf("%q: %v, error %v; want a Problem that says %q", in, got, err, want)
	} else if p.Value != in && p.Value != "" {
		t.Errorf("%q: the problem names the value %q", in, p.Value)
	}
}

func TestParseIP(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"192.0.2.1":        "192.0.2.1",
		"2001:DB8::1":      "2001:db8::1",
		"::ffff:192.0.2.1": "192.0.2.1",
		"::":               "::",
	} {
		if got, err := ParseIP(in); err != nil || got.String() != want {
			t.Errorf("%q: %v, %v; want %s", in, got, err, want)
		}
	}
	for in, want := range map[string]string{
		"":             "empty",
		"web":          "not an IP address",
		"10.0.0":       "not an IP address",
		"010.0.0.1":    "not an IP address",
		"10.0.0.0/8":   "an address range",
		"[::1]":        "brackets",
		"fe80::1%eth0": "a zone",
	} {
		got, err := ParseIP(in)
		wantProblem(t, in, got, err, want)
	}
}

func TestParseURI(t *testing.T) {
	t.Parallel()
	for _, in := range []string{
		"spiffe://cluster.local/ns/default/sa/web",
		"https://web.example:8443/x?y=z#f",
		"https://192.0.2.1/",
		"https://[2001:db8::1]:8443/",
		"https://web_1@web.example/",
	} {
		if got, err := ParseURI(in); err != nil || got.String() != in {
			t.Errorf("%q: %v, %v", in, got, err)
		}
	}
	for in, want := range map[string]string{
		"":                           "empty",
		"web":                        "without a scheme",
		"//web.example/x":            "without a scheme",
		"/foo":                       "without a scheme",
		"spiffe:///ns":               "without a host",
		"urn:uuid:1":                 "without a host",
		"mailto:ops@example.com":     "without a host",
		"nginx:443":                  "without a host",
		"https://:443/":              "without a host",
		"https://web.example/ü":      "only ASCII",
		"https://web.example /":      "not a URI",
		" https://web.example/":      "not a URI",
		"https://web.example:port/":  "not a URI",
		"https://a_b.example/":       "its host is not valid",
		"https://*.example/":         "a wildcard",
		"https://[fe80::1%25eth0]/":  "a zone",
		"https://ops:secret@a.test/": "would publish the password",
	} {
		got, err := ParseURI(in)
		wantProblem(t, in, got, err, want)
		if err != nil && strings.Contains(err.Error(), "secret") {
			t.Errorf("the error repeats the password: %v", err)
		}
	}
}

func TestParseEmail(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"Ops@Example.COM":                      "Ops@example.com",
		"a.b+c/d@bücher.example":               "a.b+c/d@xn--bcher-kva.example",
		strings.Repeat("a", 64) + "@x.example": strings.Repeat("a", 64) + "@x.example",
	} {
		if got, err := ParseEmail(in); err != nil || got != want {
			t.Errorf("%q: %q, %v; want %q", in, got, err, want)
		}
	}
	for in, want := range map[string]string{
		"":                                     "empty",
		"ops":                                  "without a domain",
		"ops@":                                 "without a domain",
		"@example.com":                         "before the @",
		".ops@example.com":                     "before the @",
		"o..ps@example.com":                    "before the @",
		"a b@example.com":                      "needs quoting",
		`"a"@example.com`:                      "needs quoting",
		"ops@@example.com":                     "needs quoting",
		"öps@example.com":                      "needs quoting",
		"ops@*.example.com":                    "not a mail domain",
		"ops@[192.0.2.1]":                      "not a mail domain",
		"ops@a_b.example":                      "not a mail domain",
		strings.Repeat("a", 65) + "@x.example": "before the @",
	} {
		got, err := ParseEmail(in)
		wantProblem(t, in, got, err, want)
	}
}

// FuzzParseDNSName: what is taken stays as it is when it is read again, is bounded, and is a name by which
// a client finds a certificate that bears it.
func FuzzParseDNSName(f *testing.F) {
	for _, s := range []string{"", "my-nginx.default.svc", "*.example.com", "bücher.example", "xn--bcher-kva.example", "例え。テスト", "a_b", "1.2.3", "FAẞ.example", "a。"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		name, err := ParseDNSName(s)
		if err != nil {
			if name != "" || !errors.As(err, new(Problem)) {
				t.Fatalf("%q: %q, %v", s, name, err)
			}
			return
		}
		if again, err := ParseDNSName(name); err != nil || again != name {
			t.Fatalf("%q became %q, and that %q, %v", s, name, again, err)
		}
		if len(name) > maxDNSName || !isASCII(name) || strings.ToLower(name) != name {
			t.Fatalf("%q became %q", s, name)
		}
		cert := &x509.Certificate{DNSNames: []string{name}}
		if err := cert.VerifyHostname(strings.Replace(name, "*", "w", 1)); err != nil {
			t.Fatalf("%q became %q: %v", s, name, err)
		}
	})
}
