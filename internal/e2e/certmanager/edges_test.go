package certmanager

import (
	"fmt"
	"strings"
)

// edges are Certificates at the edges of what cert-manager issues, by what is special about each.
func edges() (all []object) {
	add := func(name string, spec object) {
		for field, value := range (object{"issuerRef": object{"name": "self"}, "privateKey": object{"algorithm": "ECDSA"}}) {
			if _, set := spec[field]; !set {
				spec[field] = value
			}
		}
		all = append(all, certificate("edge-"+name, spec))
	}
	from := func(issuer string) object { return object{"name": issuer} }

	// Subject and names.
	add("no-subject", object{"dnsNames": []string{"a.example"}})
	add("no-subject-under-ca", object{"dnsNames": []string{"a.example"}, "issuerRef": from("root")})
	add("empty-subject", object{"dnsNames": []string{"a.example"}, "subject": object{}})
	add("only-cn", object{"commonName": "only.example"})
	add("cn-not-in-sans", object{"commonName": "a.example", "dnsNames": []string{"b.example"}})
	add("cn-in-sans", object{"commonName": "a.example", "dnsNames": []string{"b.example", "a.example"}})
	add("cn-64", object{"commonName": strings.Repeat("x", 64)})
	add("every-attribute", object{"commonName": "all", "subject": object{
		"organizations": []string{"O2", "O1"}, "countries": []string{"DE", "AT"}, "organizationalUnits": []string{"OU"}, "localities": []string{"L"},
		"provinces": []string{"P"}, "streetAddresses": []string{"S 1", "S 2, back"}, "postalCodes": []string{"1"}, "serialNumber": "7"}})
	add("empty-attributes", object{"commonName": "x", "subject": object{"organizations": []string{}, "countries": []string{""}, "serialNumber": ""}})
	add("subject-without-cn", object{"dnsNames": []string{"a.example"}, "subject": object{"organizations": []string{"Acme"}}})
	for i, literal := range literalSubjects() {
		add(fmt.Sprintf("literal-%02d", i), object{"literalSubject": literal, "dnsNames": []string{"a.example"}})
	}
	add("literal-no-sans", object{"literalSubject": "CN=web,O=Acme"})
	for i, name := range append(dnsNames(), "trailing.example.", ".lead.example", "a..b", "", "a b", "a,b.example", "a/b", "bang!.example", "name:443", strings.Repeat("l", 64)+".example", strings.Repeat("long.", 60)+"example") {
		add(fmt.Sprintf("dns-%02d", i), object{"dnsNames": []string{name}})
	}
	for i, uri := range append(uris(), "relative", "/path", "//host/path", "http:", "spiffe://UPPER/a", "x:", "http://a_b/", "http://-a/") {
		add(fmt.Sprintf("uri-%02d", i), object{"uris": []string{uri}})
	}
	add("duplicates", object{"commonName": "a.example", "dnsNames": []string{"a.example", "A.example", "a.example"}, "ipAddresses": []string{"::1", "::1", "0:0::1"},
		"uris": []string{"urn:a", "urn:a"}, "emailAddresses": []string{"a@example.com", "a@example.com"}})
	add("order", object{"dnsNames": []string{"z.example", "a.example"}, "ipAddresses": []string{"::2", "10.0.0.2", "10.0.0.1"}, "uris": []string{"urn:z", "urn:a"},
		"emailAddresses": []string{"z@example.com", "a@example.com"}, "otherNames": []object{{"oid": "1.2.4", "utf8Value": "z"}, {"oid": "1.2.3", "utf8Value": "a"}}})
	add("ip-mapped", object{"ipAddresses": []string{"::ffff:192.0.2.1", "192.0.2.1", "::ffff:c000:201"}})
	add("only-ip", object{"ipAddresses": []string{"10.0.0.1"}})
	add("only-email", object{"emailAddresses": []string{"a@example.com"}})
	add("quoted-email", object{"emailAddresses": []string{"a@[192.0.2.1]"}})
	add("only-other-name", object{"otherNames": []object{{"oid": "1.3.6.1.4.1.311.20.2.3", "utf8Value": "user@example.com"}}})
	add("comma-names", object{"dnsNames": []string{"a,b.example", "c.example"}, "subject": object{"organizations": []string{"A, B", `C "D"`, "E"}, "streetAddresses": []string{"", "x"}}})

	// Usages.
	add("empty-usages", object{"commonName": "x", "usages": []string{}})
	for i, usage := range allUsages() {
		add(fmt.Sprintf("usage-%02d", i), object{"commonName": "x", "usages": []string{usage}})
		add(fmt.Sprintf("usage-ca-%02d", i), object{"commonName": "x", "usages": []string{usage}, "isCA": true})
	}
	add("all-usages", object{"commonName": "x", "usages": allUsages()})
	add("usages-twice", object{"commonName": "x", "usages": []string{"server auth", "s/mime", "email protection", "server auth", "signing", "digital signature"}})
	add("usages-in-request", object{"commonName": "x", "usages": []string{"server auth"}, "encodeUsagesInRequest": false, "issuerRef": from("root")})

	// CAs.
	add("ca", object{"commonName": "CA", "isCA": true})
	add("ca-without-subject", object{"dnsNames": []string{"ca.example"}, "isCA": true})
	add("ca-under-ca", object{"commonName": "CA", "isCA": true, "issuerRef": from("sub")})
	add("ca-usages", object{"commonName": "CA", "isCA": true, "usages": []string{"crl sign"}})
	add("not-ca-cert-sign", object{"commonName": "x", "usages": []string{"cert sign", "crl sign"}})
	add("constraints", object{"commonName": "CA", "isCA": true, "nameConstraints": object{"critical": true,
		"permitted": object{"dnsDomains": []string{"example.com", ".example.org"}, "ipRanges": []string{"10.1.2.3/8", "2001:db8::1/32"}, "emailAddresses": []string{"a@example.com", "example.com"}, "uriDomains": []string{"example.com", ".example.com"}},
		"excluded":  object{"dnsDomains": []string{"x.example.com"}, "ipRanges": []string{"10.0.0.1/32"}, "emailAddresses": []string{".example.com"}, "uriDomains": []string{"x.example.com"}}}})
	add("constraints-not-critical", object{"commonName": "CA", "isCA": true, "nameConstraints": object{"permitted": object{"dnsDomains": []string{"example.com"}}}})
	add("constraints-empty", object{"commonName": "CA", "isCA": true, "nameConstraints": object{"critical": true, "permitted": object{}}})
	add("constraints-upper", object{"commonName": "CA", "isCA": true, "nameConstraints": object{"excluded": object{"dnsDomains": []string{"UPPER.example"}}}})

	// Keys and signatures.
	for _, size := range []int{0, 256, 384, 521} {
		for _, encoding := range []string{"PKCS1", "PKCS8"} {
			add(fmt.Sprintf("ecdsa-%d-%s", size, strings.ToLower(encoding)), object{"commonName": "x", "privateKey": object{"algorithm": "ECDSA", "size": size, "encoding": encoding}})
		}
	}
	add("ed25519-pkcs1", object{"commonName": "x", "privateKey": object{"algorithm": "Ed25519", "encoding": "PKCS1"}, "additionalOutputFormats": []object{{"type": "DER"}}})
	add("ed25519-size", object{"commonName": "x", "privateKey": object{"algorithm": "Ed25519", "size": 4096, "encoding": "PKCS8"}})
	add("rsa", object{"commonName": "x", "privateKey": object{}})
	add("rsa-pkcs8", object{"commonName": "x", "privateKey": object{"encoding": "PKCS8"}, "additionalOutputFormats": []object{{"type": "DER"}, {"type": "CombinedPEM"}}})
	add("rsa-2049", object{"commonName": "x", "privateKey": object{"algorithm": "RSA", "size": 2049}})
	add("rsa-4096", object{"commonName": "x", "privateKey": object{"algorithm": "RSA", "size": 4096}})
	add("sha-of-request", object{"commonName": "x", "signatureAlgorithm": "ECDSAWithSHA512"})
	add("sha-of-request-under-ca", object{"commonName": "x", "signatureAlgorithm": "ECDSAWithSHA512", "issuerRef": from("p384")})

	// Life.
	for i, duration := range []string{"1h", "1h0m0s", "1h0.9s", "1h0m0.000000001s", "876000h", "2160h"} {
		add(fmt.Sprintf("life-%d", i), object{"commonName": "x", "duration": duration})
	}
	add("percentage-alone", object{"commonName": "x", "renewBeforePercentage": 99})
	add("percentage-of-nothing", object{"commonName": "x", "renewBeforePercentage": 100}) // looked at only beside a duration
	add("never-renewed", object{"commonName": "x", "renewal": object{"policy": "Disabled"}, "renewBefore": "5m"})

	// Issuers.
	for _, ref := range issuerRefs() {
		name := "issuer-" + strings.ToLower(fmt.Sprint(ref["kind"], "-", ref["group"], "-", ref["name"]))
		name = strings.NewReplacer("<nil>", "none").Replace(name)
		add(name, object{"commonName": "x", "dnsNames": []string{"x.example"}, "issuerRef": ref})
	}
	add("empty-kind-and-group", object{"commonName": "x", "issuerRef": object{"name": "self", "kind": "", "group": ""}})
	add("named-as-its-ca", object{"subject": object{"organizations": []string{"Test"}}, "commonName": "Root", "issuerRef": from("root")})

	// What else is in the Secret.
	every := []object{{"type": "DER"}, {"type": "CombinedPEM"}}
	for _, profile := range []string{"", "LegacyRC2", "LegacyDES", "Modern2023", "Modern2026"} {
		store := object{"create": true, "password": storePassword}
		if profile != "" {
			store["profile"] = profile
		}
		add("pkcs12-"+strings.ToLower(profile)+"x", object{"commonName": "x", "keystores": object{"pkcs12": store}, "issuerRef": from("sub")})
	}
	for _, issuer := range []string{"self", "sub", "sub-alone", "sub-of-sub"} {
		add("stores-"+issuer, object{"commonName": "x", "issuerRef": from(issuer), "additionalOutputFormats": every, "keystores": object{
			"jks": object{"create": true, "passwordSecretRef": object{"name": "passwords", "key": "store"}}, "pkcs12": object{"create": true, "passwordSecretRef": object{"name": "passwords", "key": "store"}}}})
	}
	add("jks-alias", object{"commonName": "x", "keystores": object{"jks": object{"create": true, "password": storePassword, "alias": "Web Server"}}})
	add("jks-alias-ca", object{"commonName": "x", "keystores": object{"jks": object{"create": true, "password": storePassword, "alias": "ca"}}, "issuerRef": from("sub-alone")})
	add("stores-not-created", object{"commonName": "x", "keystores": object{"jks": object{"create": false, "password": storePassword}, "pkcs12": object{"create": false, "password": storePassword}}})
	add("template", object{"commonName": "x", "secretTemplate": object{"labels": object{"a": "b"}, "annotations": object{"c": "d: \"e\"\nf", "cert-manager.io/allow-direct-injection": "true"}}})
	// Not here: the label controller.cert-manager.io/fao with another value than "true", over which cert-manager argues
	// with itself for ever.
	add("template-empty", object{"commonName": "x", "secretTemplate": object{}})
	return all
}
