package certs_test

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"
	"time"

	"certgen/certs"
	"certgen/certs/pki"
)

// recorded are specs of every kind.
func recorded() map[string]certs.Spec {
	two := 2
	return map[string]certs.Spec{
		"names":      {Name: "web", DNSNames: []string{"web.shop.svc", "*.example.com", "bücher.example"}, IPAddresses: []string{"10.0.0.1", "2001:db8::1"}, URIs: []string{"spiffe://a/b"}, EmailAddresses: []string{"ops@example.com"}},
		"life":       {Name: "web", DNSNames: []string{"web"}, Duration: "90d"},
		"subject":    {Name: "web", DNSNames: []string{"web"}, LiteralSubject: `CN=web+OU=a\, b,O= Müller \"&\" Co\ ,C=DE`},
		"rsa":        {Name: "web", DNSNames: []string{"web"}, KeyAlgorithm: "rsa", KeySize: 3072, KeyEncoding: pki.PKCS1},
		"ed25519":    {Name: "web", DNSNames: []string{"web"}, KeyAlgorithm: "ed25519", Usages: []string{"client auth", "digital signature"}},
		"authority":  {Name: "ca", IsCA: true, PathLength: &two, NameConstraints: pki.NameConstraints{Critical: true, Permitted: pki.NameConstraintItem{DNSDomains: []string{"example.com"}, IPRanges: []string{"10.0.0.0/8"}}, Excluded: pki.NameConstraintItem{EmailAddresses: []string{".evil.example"}, URIDomains: []string{"x.example"}}}},
		"as written": {AsWritten: true, DNSNames: []string{"Web.Example"}, KeyAlgorithm: "ecdsa", KeySize: 384, Usages: []string{"server auth"}, OtherNames: []certs.OtherName{{OID: "1.3.6.1.4.1.311.20.2.3", UTF8Value: "upn@example.com"}}, Duration: "720h"},
		"defaults":   {AsWritten: true, CommonName: "only a name", KeyAlgorithm: "rsa"},
	}
}

// TestRecord: what is kept as JSON is the same request when it is read back.
func TestRecord(t *testing.T) {
	t.Parallel()
	for name, spec := range recorded() {
		request, err := spec.Request()
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		text, err := json.Marshal(request.Record())
		if err != nil {
			t.Fatal(err)
		}
		var back certs.Record
		if err := json.Unmarshal(text, &back); err != nil {
			t.Fatal(err)
		}
		again, err := back.Request()
		if err != nil {
			t.Fatalf("%s: %s: %v", name, text, err)
		}
		if !reflect.DeepEqual(again.Record(), request.Record()) || again.Duration != request.Duration || again.DurationAsked != request.DurationAsked ||
			again.KeyUsage != request.KeyUsage || pki.FormatSubject(again.Subject) != pki.FormatSubject(request.Subject) {
			t.Errorf("%s: %s\nis read back as %+v\nwant             %+v", name, text, again, request)
		}
		if name == "names" && strings.Contains(string(text), "duration") {
			t.Errorf("%s: a life that nobody asked for is kept: %s", name, text)
		}
	}
}

// TestRequestFor: a certificate is asked for again as it is: its plan keeps it, and the next one differs in nothing.
func TestRequestFor(t *testing.T) {
	t.Parallel()
	now := time.Now()
	for name, spec := range recorded() {
		request, err := spec.Request()
		if err != nil {
			t.Fatal(err)
		}
		pair, _, err := certs.Issue(request, certs.SelfSigned{}, now)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		text, err := request.PEM(pair)
		if err != nil {
			t.Fatal(err)
		}
		again, err := certs.RequestFor(pair.Leaf, text.Key)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if plan := certs.MakePlan(again, text, certs.SelfSigned{}, now); plan.Keep == nil {
			t.Errorf("%s: %q", name, plan.Reasons)
		}
		next, _, err := certs.Issue(again, certs.SelfSigned{}, now)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if differences := certs.Differences(next, request, certs.SelfSigned{}); len(differences) > 0 {
			t.Errorf("%s: the next one differs: %v", name, differences)
		}
		if nextText, err := again.PEM(next); err != nil || pki.KeyEncodingOf(nextText.Key) != pki.KeyEncodingOf(text.Key) {
			t.Errorf("%s: the key's encoding changed (%v)", name, err)
		}
	}
}
