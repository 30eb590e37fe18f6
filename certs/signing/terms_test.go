package signing_test

import (
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"strings"
	"testing"

	"certgen/certs/pki"
	"certgen/certs/signing"
)

// TestKeptSubject: no name gets past the rules by standing in a subject that is kept whole.
func TestKeptSubject(t *testing.T) {
	t.Parallel()
	allowed, err := signing.ParseAllowed([]string{".a.example", "@a.example"})
	if err != nil {
		t.Fatal(err)
	}
	cn, o, email := asn1.ObjectIdentifier{2, 5, 4, 3}, asn1.ObjectIdentifier{2, 5, 4, 10}, asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 1}
	for _, test := range []struct {
		subject []pkix.AttributeTypeAndValue
		refuses string // "" for nothing
	}{
		{[]pkix.AttributeTypeAndValue{{Type: o, Value: "Shop"}, {Type: cn, Value: "web.a.example"}, {Type: email, Value: "ops@a.example"}}, ""},
		{[]pkix.AttributeTypeAndValue{{Type: cn, Value: "Jane Doe"}, {Type: cn, Value: "web.a.example"}}, ""},
		{[]pkix.AttributeTypeAndValue{{Type: cn, Value: "web.b.example"}}, `commonName "web.b.example"`},
		{[]pkix.AttributeTypeAndValue{{Type: cn, Value: "192.0.2.7"}, {Type: cn, Value: "web.a.example"}}, `commonName "192.0.2.7"`},
		{[]pkix.AttributeTypeAndValue{{Type: cn, Value: "WEB.b.example"}, {Type: cn, Value: "web.a.example"}}, `commonName "WEB.b.example"`},
		{[]pkix.AttributeTypeAndValue{{Type: cn, Value: "web.a.example"}, {Type: email, Value: "ops@b.example"}}, `emailAddresses "ops@b.example"`},
		{[]pkix.AttributeTypeAndValue{{Type: cn, Value: "web.a.example"}, {Type: email, Value: "ops@b.example\x00@a.example"}}, `emailAddresses "ops@b.example\x00@a.example"`},
	} {
		var subject pkix.RDNSequence
		for _, attribute := range test.subject {
			subject = append(subject, pkix.RelativeDistinguishedNameSET{attribute})
		}
		raw, err := pki.MarshalSubject(subject)
		if err != nil {
			t.Fatal(err)
		}
		csr := &x509.CertificateRequest{PublicKey: key.Public(), DNSNames: []string{"web.a.example"}, RawSubject: raw}
		_, _, err = signing.Terms{Allowed: allowed, KeepSubject: true}.Request("x", csr)
		if (err == nil) != (test.refuses == "") || err != nil && !strings.Contains(err.Error(), test.refuses+": no rule allows it") {
			t.Errorf("%v: %v, want %s refused", test.subject, err, test.refuses)
		}
	}
}
