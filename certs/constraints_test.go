package certs

import (
	"crypto/x509"
	"fmt"
	"math/rand/v2"
	"net"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"certgen/certs/pki"
	"certgen/internal/pkitest"
)

func TestNameConstraints(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		constraints string // "+" permits, "-" excludes
		spec        Spec
		want        string // the problem, "" where the name may stand
	}{
		{"+dns:example", Spec{DNSNames: []string{"example"}}, ""},
		{"+dns:example", Spec{DNSNames: []string{"a.b.example"}}, ""},
		{"+dns:example", Spec{DNSNames: []string{"*.example"}}, ""},
		{"+dns:EXAMPLE", Spec{DNSNames: []string{"a.example"}}, ""},
		{"+dns:a +dns:example", Spec{DNSNames: []string{"a.example"}}, ""},
		{"+dns:example", Spec{DNSNames: []string{"myexample"}}, `dnsNames "myexample": CN=CA permits only example`},
		{"+dns:a.example +dns:b", Spec{DNSNames: []string{"*.example"}}, `dnsNames "*.example": CN=CA permits only a.example, b`},
		{"+dns:.example", Spec{DNSNames: []string{"example"}}, `dnsNames "example": CN=CA permits only .example`},
		{"-dns:example", Spec{DNSNames: []string{"a.example"}}, `dnsNames "a.example": CN=CA excludes "example"`},
		{"+dns:example -dns:b.example", Spec{DNSNames: []string{"a.example", "b.example"}}, `dnsNames "b.example": CN=CA excludes "b.example"`},
		{"-dns:a.example", Spec{DNSNames: []string{"*.example"}}, `dnsNames "*.example": CN=CA excludes "a.example"`},
		{"-dns:b.a.example", Spec{DNSNames: []string{"*.example"}}, ""},
		{"+ip:10.0.0.0/8", Spec{IPAddresses: []string{"10.1.2.3"}}, ""},
		{"+ip:10.0.0.0/8", Spec{DNSNames: []string{"a"}}, ""},
		{"+ip:10.0.0.0/8", Spec{IPAddresses: []string{"11.0.0.1"}}, `ipAddresses "11.0.0.1": CN=CA permits only 10.0.0.0/8`},
		{"+ip:10.0.0.0/8", Spec{IPAddresses: []string{"2001:db8::1"}}, `ipAddresses "2001:db8::1": CN=CA permits only 10.0.0.0/8`},
		{"-ip:2001:db8::/32", Spec{IPAddresses: []string{"2001:db8::1"}}, `ipAddresses "2001:db8::1": CN=CA excludes "2001:db8::/32"`},
		{"+uri:web.example", Spec{URIs: []string{"x://WEB.example:1/y"}}, ""},
		{"+uri:.example", Spec{URIs: []string{"x://web.example/y"}}, ""},
		{"+uri:example", Spec{URIs: []string{"x://web.example/y"}}, `uris "x://web.example/y": CN=CA permits only example`},
		{"-uri:example", Spec{URIs: []string{"x://web.example/y"}}, `uris "x://web.example/y": CN=CA excludes "example"`},
		{"-dns:example", Spec{URIs: []string{"x://192.0.2.1/y"}}, `uris "x://192.0.2.1/y": CN=CA has name constraints, and clients cannot hold an address in a URI against them`},
		{"+email:example", Spec{EmailAddresses: []string{"ops@example"}}, ""},
		{"+email:.example", Spec{EmailAddresses: []string{"ops@web.example"}}, ""},
		{"+email:ops@EXAMPLE", Spec{EmailAddresses: []string{"ops@example"}}, ""},
		{"+email:example", Spec{EmailAddresses: []string{"ops@web.example"}}, `emailAddresses "ops@web.example": CN=CA permits only example`},
		{"+email:ops@example", Spec{EmailAddresses: []string{"Ops@example"}}, `emailAddresses "Ops@example": CN=CA permits only ops@example`},
		{"-email:example", Spec{EmailAddresses: []string{"ops@web.example"}}, `emailAddresses "ops@web.example": CN=CA excludes "example"`},
	} {
		test.spec.Name = "leaf"
		ca := pkitest.Authority(t, "CA", nil, func(c *x509.Certificate) { constrain(t, c, strings.Fields(test.constraints)) })
		got := nameConstraintProblems(ca.Cert, request(t, test.spec)).Error()
		if got != test.want {
			t.Errorf("%s: %q, want %q", test.constraints, got, test.want)
		}
	}
}

// constrain sets name constraints from their text, such as "+dns:example" or "-ip:10.0.0.0/8".
func constrain(t testing.TB, c *x509.Certificate, constraints []string) {
	t.Helper()
	c.PermittedDNSDomainsCritical = true
	for _, s := range constraints {
		kind, value, _ := strings.Cut(s[1:], ":")
		var prefixes []*net.IPNet
		if kind == "ip" {
			_, prefix, err := net.ParseCIDR(value)
			if err != nil {
				t.Fatal(err)
			}
			prefixes = []*net.IPNet{prefix}
		}
		switch s[:1] + kind {
		case "+dns":
			c.PermittedDNSDomains = append(c.PermittedDNSDomains, value)
		case "-dns":
			c.ExcludedDNSDomains = append(c.ExcludedDNSDomains, value)
		case "+ip":
			c.PermittedIPRanges = append(c.PermittedIPRanges, prefixes...)
		case "-ip":
			c.ExcludedIPRanges = append(c.ExcludedIPRanges, prefixes...)
		case "+uri":
			c.PermittedURIDomains = append(c.PermittedURIDomains, value)
		case "-uri":
			c.ExcludedURIDomains = append(c.ExcludedURIDomains, value)
		case "+email":
			c.PermittedEmailAddresses = append(c.PermittedEmailAddresses, value)
		case "-email":
			c.ExcludedEmailAddresses = append(c.ExcludedEmailAddresses, value)
		default:
			t.Fatalf("constraint %q", s)
		}
	}
}

// TestNameConstraintsAsVerify makes CAs with random constraints and leaves with random names, from so few
// labels that they meet, and has crypto/x509's Verify judge: what we let pass it must let pass, and the
// other way round, but for the URIs and mailboxes that Go alone permits.
func TestNameConstraintsAsVerify(t *testing.T) {
	t.Parallel()
	seed := rand.Uint64()
	rng := rand.New(rand.NewPCG(seed, 0))
	pick := func(of ...string) string { return of[rng.IntN(len(of))] }
	host := func() string {
		labels := make([]string, 1+rng.IntN(3))
		for i := range labels {
			labels[i] = pick("a", "b", "a-a", "A")
		}
		return strings.Join(labels, ".")
	}
	leafKey, caKey := pkitest.ECKey(t), pkitest.ECKey(t)
	agreed := map[bool]int{}
	for range 1500 {
		var constraints []string
		for range 1 + rng.IntN(4) {
			kind := pick("dns", "dns", "ip", "uri", "email")
			value := pick("", ".") + host()
			switch {
			case kind == "ip":
				value = pick("10.0.0.0/8", "10.1.0.0/16", "10.1.1.1/32", "0.0.0.0/0", "2001:db8::/32", "::/0")
			case kind == "email" && rng.IntN(3) == 0:
				value = pick("x", "X") + "@" + host()
			}
			constraints = append(constraints, pick("+", "-")+kind+":"+value)
		}
		spec := Spec{Name: "leaf"}
		for range 1 + rng.IntN(2) {
			switch pick("dns", "dns", "ip", "uri", "email") {
			case "dns":
				spec.DNSNames = append(spec.DNSNames, pick("", "", "*.")+host())
			case "ip":
				spec.IPAddresses = append(spec.IPAddresses, pick("10.0.0.1", "10.1.0.1", "10.1.1.1", "192.0.2.1", "2001:db8::1", "::1"))
			case "uri":
				spec.URIs = append(spec.URIs, "x://"+pick(host(), host(), host()+":1", "192.0.2.1", "[::1]:1"))
			case "email":
				spec.EmailAddresses = append(spec.EmailAddresses, pick("x", "X")+"@"+host())
			}
		}
		r := request(t, spec)
		ca := pkitest.Issue(t, "CA", nil, caKey, func(c *x509.Certificate) { c.DNSNames = nil; constrain(t, c, constraints) })
		problems := nameConstraintProblems(ca.Cert, r)
		leaf := pkitest.Issue(t, "leaf.example", ca, leafKey, func(c *x509.Certificate) {
			c.DNSNames, c.URIs, c.EmailAddresses = r.DNSNames, r.URIs, r.EmailAddresses
			for _, addr := range r.IPAddresses {
				c.IPAddresses = append(c.IPAddresses, net.IP(addr.AsSlice()))
			}
		})
		roots := x509.NewCertPool()
		roots.AddCert(ca.Cert)
		_, err := leaf.Cert.Verify(x509.VerifyOptions{Roots: roots, CurrentTime: time.Now(), KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageAny}})
		stricter := len(problems) > 0 && err == nil && !slices.ContainsFunc(problems, func(p pki.Problem) bool {
			return !(p.Field == pki.FieldURIs || p.Field == pki.FieldEmailAddresses) || !strings.Contains(p.Reason, "permits only")
		})
		if (len(problems) == 0) != (err == nil) && !stricter {
			t.Errorf("seed %d: %v for %s: we say %v, Verify %v", seed, constraints, names(r), problems, err)
		}
		agreed[err == nil]++
	}
	if agreed[true] < 100 || agreed[false] < 100 {
		t.Errorf("seed %d: the random cases are one-sided: %v", seed, agreed)
	}
}

func names(r Request) string {
	return fmt.Sprint(r.DNSNames, pki.Texts[netip.Addr](r.IPAddresses), pki.Texts[*url.URL](r.URIs), r.EmailAddresses)
}
