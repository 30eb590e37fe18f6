package certs

import (
	"strings"
	"testing"

	"certgen/certs/pki"
)

func TestRequest(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("a", 60) + ".example" // more than a common name may have
	for name, test := range map[string]struct {
		spec           Spec
		subject, names string
	}{
		"the first host is the common name": {
			Spec{Name: "web", DNSNames: []string{"b.example", "a.example"}}, "CN=b.example", "b.example a.example"},
		"a name is certified once": {
			Spec{DNSNames: []string{"a.example", "A.Example"}, IPAddresses: []string{"192.0.2.1", "::ffff:192.0.2.1"},
				URIs: []string{"x://y", "x://y"}, EmailAddresses: []string{"a@b", "a@B"}}, "CN=a.example", "a.example 192.0.2.1 x://y a@b"},
		"a long host is no common name": {
			Spec{Name: "web", DNSNames: []string{long, "b.example"}}, "CN=b.example", long + " b.example"},
		"an address is, where no host fits": {
			Spec{Name: "web", DNSNames: []string{long}, IPAddresses: []string{"192.0.2.1"}}, "CN=192.0.2.1", long + " 192.0.2.1"},
		"the Spec's name is the last resort and is not certified": {
			Spec{Name: "web", DNSNames: []string{long}}, "CN=web", long},
		"a long one is cut": {
			Spec{Name: strings.Repeat("w", 65), URIs: []string{"x://y"}}, "CN=" + strings.Repeat("w", 64), "x://y"},
		"a common name that is a host is certified": {
			Spec{DNSNames: []string{"a.example"}, CommonName: "API.example"}, "CN=API.example", "a.example api.example"},
		"alone too": {
			Spec{CommonName: "api.example"}, "CN=api.example", "api.example"},
		"one that is an address as well": {
			Spec{CommonName: "2001:DB8::1"}, "CN=2001:DB8::1", "2001:db8::1"},
		"one that is neither is not": {
			Spec{DNSNames: []string{"a.example"}, CommonName: "Our Server"}, "CN=Our Server", "a.example"},
		"of a whole subject the most specific one": {
			Spec{LiteralSubject: "/CN=b.example/O=Example/CN=a.example"}, "CN=a.example,O=Example,CN=b.example", "a.example"},
		"a subject without one": {
			Spec{DNSNames: []string{"a.example"}, LiteralSubject: "O=Example"}, "O=Example", "a.example"},
	} {
		r, err := test.spec.Request()
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		names := strings.Join(append(append(append(r.DNSNames, pki.Texts(r.IPAddresses)...), pki.Texts(r.URIs)...), r.EmailAddresses...), " ")
		if got := pki.FormatSubject(r.Subject); got != test.subject || names != test.names {
			t.Errorf("%s: subject %s, names %s; want %s, %s", name, got, names, test.subject, test.names)
		}
	}
}

// TestRequestRefuses: all problems come at once, each with the field it is in.
func TestRequestRefuses(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		spec Spec
		want string
	}{
		{Spec{Name: "web"}, `dnsNames "": nothing to certify: no host, address, URI or e-mail address is named`},
		{Spec{LiteralSubject: "O=Example"}, `dnsNames "": nothing to certify: no host, address, URI or e-mail address is named`},
		{Spec{CommonName: "Our Server"}, `dnsNames "": nothing to certify: no host, address, URI or e-mail address is named`},
		{Spec{DNSNames: []string{"a.example"}, CommonName: "b", LiteralSubject: "CN=c"}, `commonName "b": a whole subject is given as well`},
		{Spec{DNSNames: []string{"a.example"}, CommonName: strings.Repeat("a", 65)}, `commonName "` + strings.Repeat("a", 65) + `": 65 characters, at most 64 are allowed`},
		{Spec{
			DNSNames: []string{"a_b", "a.example", ""}, IPAddresses: []string{"web"}, URIs: []string{"web"}, EmailAddresses: []string{"ops"},
			LiteralSubject: "CN=", Duration: "1y", RenewBefore: "1", KeyAlgorithm: "rsa", KeySize: 7, Usages: []string{"never reached"},
		}, `dnsNames "a_b": an underscore is not allowed in a host name
dnsNames "": empty
ipAddresses "web": not an IP address
uris "web": a URI without a scheme
emailAddresses "ops": an e-mail address without a domain
subject "CN=": CN: empty
duration "1y": not a duration
renewBefore "1": not a duration
privateKey.size "7": an RSA key has 2048 to 8192 bits, a multiple of 8`},
	} {
		if _, err := test.spec.Request(); err == nil || err.Error() != test.want {
			t.Errorf("%+v:\n%v\nwant\n%s", test.spec, err, test.want)
		}
	}
}

func TestProblem(t *testing.T) {
	t.Parallel()
	for want, p := range map[string]pki.Problem{
		`dnsNames "a b": white space`: {Field: pki.FieldDNSNames, Value: "a b", Reason: "white space", Hint: "h"},
		`dnsNames "": empty`:          {Field: pki.FieldDNSNames, Reason: "empty"},
		`"a b": white space`:          {Value: "a b", Reason: "white space"},
		`the password is wrong`:       {Reason: "the password is wrong"},
	} {
		if p.Error() != want {
			t.Errorf("%q, want %q", p.Error(), want)
		}
	}
	if err := (pki.Problems{}).Err(); err != nil {
		t.Errorf("no problem is the error %v", err)
	}
}
