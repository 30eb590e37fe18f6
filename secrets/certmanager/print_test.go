package certmanager

import (
	"bytes"
	"crypto/x509"
	"reflect"
	"strings"
	"testing"

	"certgen/certs"
	"certgen/certs/pki"
	"certgen/certs/renewal"
	"certgen/internal/testbed"
	"certgen/render"
	"certgen/secrets"
)

// printed are specs of every kind that flags can say.
func printed() map[string]certs.Spec {
	hosts := []string{"web.example", "*.example.com"}
	windows := &renewal.Spec{Policy: renewal.RenewBefore, Windows: []renewal.WindowSpec{{Cron: "0 2 * * 6", Timezone: "Europe/Berlin", WindowDuration: "4h0m0s"}}}
	return map[string]certs.Spec{
		"a host": {Name: "web", DNSNames: hosts},
		"names of every kind": {Name: "web", DNSNames: hosts, IPAddresses: []string{"192.0.2.1", "2001:db8::1"}, URIs: []string{"spiffe://example.com/web"},
			EmailAddresses: []string{"ops@example.com"}, CommonName: "web"},
		"a subject":                        {Name: "web", DNSNames: hosts, LiteralSubject: `CN=web,O=Example\, Inc.,C=KR`},
		"a subject in OpenSSL's":           {Name: "web", DNSNames: hosts, LiteralSubject: "/C=KR/ST=Seoul/L=Jongno/STREET=1/POSTALCODE=03000/OU=web/CN=web/SERIALNUMBER=7"},
		"a subject in an order of its own": {Name: "web", DNSNames: hosts, LiteralSubject: `O=\#a\+b\=c,UID=u+CN=web,DC=example,POSTALCODE=1`},
		"a subject with spaces":            {Name: "web", DNSNames: hosts, LiteralSubject: `OU=\ a\\b\;c\"\<\>\ ,CN=wëb`},
		"RSA":                              {Name: "web", DNSNames: hosts, KeyAlgorithm: "rsa", KeySize: 3072, Usages: []string{"client auth", "data encipherment"}},
		"Ed25519":                          {Name: "web", DNSNames: hosts, KeyAlgorithm: "ed25519", Duration: "36h30m", RenewBefore: "90m"},
		"P-521 in SEC 1":                   {Name: "web", DNSNames: hosts, KeySize: 521, KeyEncoding: pki.PKCS1},
		"a percentage and windows":         {Name: "web", DNSNames: hosts, RenewBeforePercentage: new(25), Renewal: windows},
		"never renewed":                    {Name: "web", DNSNames: hosts, Renewal: &renewal.Spec{Policy: renewal.Never}},
		"a CA":                             {Name: "pki", IsCA: true, Duration: "3650d"},
		"a CA with constraints": {Name: "pki", IsCA: true, KeyAlgorithm: "rsa", NameConstraints: pki.NameConstraints{Critical: true,
			Permitted: pki.NameConstraintItem{DNSDomains: []string{"example.com"}, IPRanges: []string{"10.0.0.0/8"}},
			Excluded:  pki.NameConstraintItem{EmailAddresses: []string{"example.org"}, URIDomains: []string{".example.org"}}}},
	}
}

// TestPrintedMeansTheSame: what is printed is read as the request that it was printed of.
func TestPrintedMeansTheSame(t *testing.T) {
	t.Parallel()
	meta := secrets.Meta{Name: "web", Namespace: "shop", Labels: map[string]string{"a": "b"}, Annotations: map[string]string{"note": "one: two"}}
	for name, spec := range printed() {
		request, err := spec.Request()
		if err != nil {
			t.Fatal(name, err)
		}
		issuer := NewIssuer("shop", "pki")
		certificate, err := NewCertificate(request, meta, issuer)
		if err != nil {
			t.Fatal(name, err)
		}
		text, err := Print(issuer, certificate)
		if err != nil {
			t.Fatal(name, err)
		}
		if !IsPrinted(text) {
			t.Errorf("%s: it does not know what it printed:\n%s", name, text)
		}
		var read []entry
		r := reading{sources: nil}
		for doc, err := range render.Objects(bytes.NewReader(text)) {
			if err != nil {
				t.Fatal(name, err)
			}
			object, err := doc.Object()
			if err != nil {
				t.Fatal(name, err)
			}
			read = append(read, r.object("printed", object))
		}
		if len(read) != 2 || len(read[0].problems)+len(read[1].problems) > 0 || read[0].issuer == nil || read[1].certificate == nil {
			t.Fatalf("%s: %v\n%s", name, read, text)
		}
		if ca := read[0].issuer.Spec.CA; ca == nil || ca.SecretName != "pki" || read[1].certificate.ref != (issuerID{KindIssuer, "shop", "pki-issuer"}) {
			t.Errorf("%s: the issuer is %+v, wanted as %v", name, read[0].issuer, read[1].certificate.ref)
		}
		got := read[1].certificate.request
		if !sameName(got.Subject, request.Subject) {
			t.Errorf("%s: the subject is %s, want %s", name, pki.FormatSubject(got.Subject), pki.FormatSubject(request.Subject))
		}
		if !got.DurationAsked {
			t.Errorf("%s: the life is left to the reader", name)
		}
		if request.KeyEncoding == "" {
			request.KeyEncoding = pki.PKCS8
		}
		if !reflect.DeepEqual(got.Renewal.Spec(), request.Renewal.Spec()) || got.Renewal.Before != request.Renewal.Before || got.Renewal.Percentage != request.Renewal.Percentage {
			t.Errorf("%s: the renewal is %+v, want %+v", name, got.Renewal, request.Renewal)
		}
		if !got.AsWritten {
			t.Errorf("%s: a manifest is not taken as it is written", name)
		}
		request.AsWritten = true
		// These have been compared, or are written in another way.
		for _, r := range []*certs.Request{&got, &request} {
			r.Subject, r.DurationAsked, r.Renewal = nil, false, renewal.Policy{}
			r.ExtKeyUsages = append([]x509.ExtKeyUsage{}, r.ExtKeyUsages...)
		}
		if !reflect.DeepEqual(got, request) {
			t.Errorf("%s:\n%+v, want\n%+v\n%s", name, got, request, text)
		}
	}
}

// TestCertManagerTakesPrinted: the real cert-manager has nothing against what is printed.
func TestCertManagerTakesPrinted(t *testing.T) {
	t.Parallel()
	var names []string
	var objects []any
	for name, spec := range printed() {
		request, err := spec.Request()
		if err != nil {
			t.Fatal(name, err)
		}
		issuer := NewIssuer("", "")
		certificate, err := NewCertificate(request, secrets.Meta{Name: "web"}, issuer)
		if err != nil {
			t.Fatal(name, err)
		}
		names, objects = append(names, name, name), append(objects, certificate, issuer)
	}
	type verdict struct{ Errors []string }
	for i, verdict := range testbed.AskCertManager[any, verdict](t, "validate", objects) {
		if len(verdict.Errors) > 0 {
			t.Errorf("%s: %s", names[i], strings.Join(verdict.Errors, "; "))
		}
	}
}

// TestPrintRefuses: what a Certificate has no words for.
func TestPrintRefuses(t *testing.T) {
	t.Parallel()
	request, err := certs.Spec{Name: "pki", IsCA: true, PathLength: new(0)}.Request()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := NewCertificate(request, secrets.Meta{Name: "pki"}, NewIssuer("", "")); err == nil || !strings.Contains(err.Error(), "has no path length") {
		t.Errorf("a path length: %v", err)
	}
	for _, text := range []string{"", "a: b\n", "apiVersion: v1\nkind: Secret\n", "apiVersion: cert-manager.io/v1\nkind: Issuer\n---\napiVersion: v1\nkind: Secret\n"} {
		if IsPrinted([]byte(text)) {
			t.Errorf("%q is taken for what is printed", text)
		}
	}
}
