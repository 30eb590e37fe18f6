package certmanager

import (
	"fmt"
	"strings"
)

// refused are documents that cert-manager refuses: its CRDs' schema, or its webhook's validation
// (internal/apis/certmanager/validation in its module, whose rules these follow), each for one reason.
func refused() (all []object) {
	add := func(name string, spec object) {
		whole := object{"issuerRef": object{"name": "self"}, "privateKey": object{"algorithm": "ECDSA"}, "commonName": "x"}
		for field, value := range spec {
			if whole[field] = value; value == nil {
				delete(whole, field)
			}
		}
		all = append(all, certificate("refused-"+name, whole))
	}

	// What the schema wants.
	add("no-issuer", object{"issuerRef": nil})
	add("issuer-without-name", object{"issuerRef": object{"kind": "Issuer"}})
	add("unknown-field", object{"dnsName": []string{"a.example"}})
	add("unknown-field-below", object{"privateKey": object{"algorithm": "ECDSA", "bits": 256}})
	add("field-in-other-case", object{"DNSNames": []string{"a.example"}})
	add("text-for-list", object{"dnsNames": "a.example"})
	add("number-for-text", object{"commonName": 1})
	add("text-for-truth", object{"isCA": "true"})
	add("text-for-number", object{"privateKey": object{"algorithm": "ECDSA", "size": "256"}})
	add("number-in-list", object{"dnsNames": []any{"a.example", 1}})
	add("list-for-object", object{"subject": []string{"Acme"}})
	add("fraction", object{"privateKey": object{"algorithm": "ECDSA", "size": 256.5}})
	add("usage", object{"usages": []string{"web server"}})
	add("usage-in-other-case", object{"usages": []string{"Server Auth"}})
	add("algorithm", object{"privateKey": object{"algorithm": "DSA"}})
	add("algorithm-in-other-case", object{"privateKey": object{"algorithm": "ecdsa"}})
	add("encoding", object{"privateKey": object{"algorithm": "ECDSA", "encoding": "SEC1"}})
	add("rotation", object{"privateKey": object{"algorithm": "ECDSA", "rotationPolicy": "Sometimes"}})
	add("signature", object{"signatureAlgorithm": "MD5WithRSA"})
	add("output-format", object{"additionalOutputFormats": []object{{"type": "PFX"}}})
	add("output-format-without-type", object{"additionalOutputFormats": []object{{}}})
	add("profile", object{"keystores": object{"pkcs12": object{"create": true, "password": "x", "profile": "Modern"}}})
	add("store-without-create", object{"keystores": object{"jks": object{"password": "x"}}})
	add("password-reference-without-name", object{"keystores": object{"jks": object{"create": true, "passwordSecretRef": object{"key": "store"}}}})
	add("renewal-policy", object{"renewal": object{"policy": "Never"}})
	add("window-without-cron", object{"renewal": object{"policy": "RenewBefore", "windows": []object{{"windowDuration": "1h"}}}})
	add("window-without-duration", object{"renewal": object{"policy": "RenewBefore", "windows": []object{{"cron": "@daily"}}}})
	for i, duration := range []string{"", "1d", "-1h", "1", "1h 30m", "500ms"} {
		add(fmt.Sprintf("window-duration-%d", i), object{"renewal": object{"policy": "RenewBefore", "windows": []object{{"cron": "@daily", "windowDuration": duration}}}})
	}

	// Names of objects.
	for i, name := range []string{"", "UPPER", "under_score", "-lead", "trail.", strings.Repeat("x", 254)} {
		add(fmt.Sprintf("secret-name-%d", i), object{"secretName": name})
	}
	add("issuer-name", object{"issuerRef": object{"name": ""}})
	add("issuer-kind", object{"issuerRef": object{"name": "self", "kind": "CA"}})
	add("issuer-kind-in-group", object{"issuerRef": object{"name": "self", "kind": "issuer", "group": "cert-manager.io"}})

	// Subject and names.
	add("nothing-named", object{"commonName": nil})
	add("nothing-named-but-an-organization", object{"commonName": nil, "subject": object{"organizations": []string{"Acme"}}})
	add("literal-without-cn", object{"commonName": nil, "literalSubject": "O=Acme"})
	add("cn-65", object{"commonName": strings.Repeat("x", 65)})
	add("cn-65-bytes", object{"commonName": strings.Repeat("ü", 33)})
	add("literal-cn-65", object{"commonName": nil, "literalSubject": "CN=" + strings.Repeat("x", 65)})
	add("literal-and-cn", object{"literalSubject": "CN=x"})
	add("literal-and-subject", object{"commonName": nil, "literalSubject": "CN=x", "subject": object{"countries": []string{"DE"}}})
	for i, literal := range []string{"CN", "=x", "CN=x,", "CN=x,OU", "cn=x", "FOO=x,CN=x", "CN=x+", "CN=#zz", `CN=\zz`, "E=a@example.com,CN=x", "emailAddress=a@example.com,CN=x", "OID.2.5.4.3=x", "CN=x/O=y,T"} {
		add(fmt.Sprintf("literal-%02d", i), object{"commonName": nil, "dnsNames": []string{"a.example"}, "literalSubject": literal})
	}
	for i, ip := range []string{"", "10.0.0", "10.0.0.256", "010.0.0.1", "10.0.0.1/32", "fe80::1%eth0", "[::1]", " ::1", "localhost"} {
		add(fmt.Sprintf("ip-%d", i), object{"ipAddresses": []string{"10.0.0.1", ip}})
	}
	for i, email := range []string{"", "a", "a@", "@example.com", "A <a@example.com>", "<a@example.com>", "a@example.com,b@example.com", " a@example.com", "mailto:a@example.com"} {
		add(fmt.Sprintf("email-%d", i), object{"emailAddresses": []string{email}})
	}
	for i, name := range []object{{"oid": "", "utf8Value": "x"}, {"utf8Value": "x"}, {"oid": "1.2.3"}, {"oid": "1.2.3", "utf8Value": ""}, {"oid": "one.two", "utf8Value": "x"}, {"oid": "1..2", "utf8Value": "x"}, {"oid": "1.2.", "utf8Value": "x"}} {
		add(fmt.Sprintf("other-name-%d", i), object{"otherNames": []object{name}})
	}

	// Keys and signatures.
	for _, size := range []int{1, 1024, 2047, 8193, 16384} {
		add(fmt.Sprintf("rsa-%d", size), object{"privateKey": object{"size": size}})
	}
	for _, size := range []int{1, 224, 255, 512, 2048} {
		add(fmt.Sprintf("ecdsa-%d", size), object{"privateKey": object{"algorithm": "ECDSA", "size": size}})
	}
	add("signature-of-rsa", object{"signatureAlgorithm": "SHA256WithRSA"})
	add("signature-of-ecdsa", object{"privateKey": nil, "signatureAlgorithm": "ECDSAWithSHA256"})
	add("signature-of-ed25519", object{"signatureAlgorithm": "PureEd25519"})

	// Life.
	for i, duration := range []string{"", "1", "1d", "59m59s", "59m59.999999999s", "0s", "-1h", "1 h", "1h ", "9999999h"} {
		add(fmt.Sprintf("duration-%d", i), object{"duration": duration})
	}
	for i, before := range []string{"", "4m59s", "0s", "-1h", "1h", "2h", "1d"} {
		add(fmt.Sprintf("renew-before-%d", i), object{"duration": "1h", "renewBefore": before})
	}
	add("renew-before-default-life", object{"renewBefore": "2160h"})
	add("both-renewals", object{"renewBefore": "1h", "renewBeforePercentage": 50})
	for _, percentage := range []int{-1, 0, 100, 101, 92} { // 8 % of an hour is less than 5 minutes
		add(fmt.Sprintf("percentage-%d", percentage), object{"duration": "1h", "renewBeforePercentage": percentage})
	}
	add("renewal-without-policy", object{"renewal": object{}})
	add("renewal-disabled-windows", object{"renewal": object{"policy": "Disabled", "windows": []object{{"cron": "@daily", "windowDuration": "1h"}}}})
	for i, cron := range []string{"", "* * * *", "* * * * * *", "60 * * * *", "* 24 * * *", "* * 0 * *", "* * * 13 *", "* * * * 8", "*/0 * * * *", "5-1 * * * *", "@hourlyish", "a b c d e"} {
		add(fmt.Sprintf("cron-%02d", i), object{"renewal": object{"policy": "RenewBefore", "windows": []object{{"cron": cron, "windowDuration": "1h"}}}})
	}
	for i, zone := range []string{"Europe/Nowhere", "CEST", "+02:00", "../etc/passwd"} {
		add(fmt.Sprintf("timezone-%d", i), object{"renewal": object{"policy": "RenewBefore", "windows": []object{{"cron": "@daily", "windowDuration": "1h", "timezone": zone}}}})
	}
	add("history", object{"revisionHistoryLimit": 0})

	// Constraints, and what else goes into the Secret.
	add("constraints-of-no-ca", object{"nameConstraints": object{"permitted": object{"dnsDomains": []string{"example.com"}}}})
	add("constraints-of-nothing", object{"isCA": true, "nameConstraints": object{"critical": true}})
	add("output-format-twice", object{"additionalOutputFormats": []object{{"type": "DER"}, {"type": "DER"}}})
	for _, kind := range []string{"jks", "pkcs12"} {
		add(kind+"-no-password", object{"keystores": object{kind: object{"create": true}}})
		add(kind+"-no-password-not-created", object{"keystores": object{kind: object{"create": false}}})
		add(kind+"-empty-password", object{"keystores": object{kind: object{"create": true, "password": ""}}})
		add(kind+"-two-passwords", object{"keystores": object{kind: object{"create": true, "password": "x", "passwordSecretRef": object{"name": "passwords", "key": "store"}}}})
	}
	add("label-key", object{"secretTemplate": object{"labels": object{"two words": "x"}}})
	add("label-value", object{"secretTemplate": object{"labels": object{"a": "two words"}}})
	add("label-value-64", object{"secretTemplate": object{"labels": object{"a": strings.Repeat("x", 64)}}})
	add("annotation-key", object{"secretTemplate": object{"annotations": object{"a/b/c": "x"}}})
	add("annotation-of-cert-manager", object{"secretTemplate": object{"annotations": object{"cert-manager.io/common-name": "x"}}})
	add("annotation-too-large", object{"secretTemplate": object{"annotations": object{"a": strings.Repeat("x", 256*1024)}}})

	// Issuers.
	issuer := func(name string, spec object) {
		all = append(all, object{"apiVersion": "cert-manager.io/v1", "kind": "Issuer", "metadata": object{"name": "refused-issuer-" + name}, "spec": spec})
	}
	issuer("of-no-kind", object{})
	issuer("of-two-kinds", object{"selfSigned": object{}, "ca": object{"secretName": "root"}})
	issuer("without-secret", object{"ca": object{}})
	issuer("with-empty-secret", object{"ca": object{"secretName": ""}})
	issuer("unknown-field", object{"selfSigned": object{"crl": []string{}}})
	issuer("empty-ocsp", object{"ca": object{"secretName": "root", "ocspServers": []string{""}}})
	issuer("empty-issuing-url", object{"ca": object{"secretName": "root", "issuingCertificateURLs": []string{"http://ca.example/ca.crt", ""}}})
	return all
}

// neverIssued are Certificates that cert-manager takes and never issues: what fails only when the request is made or
// signed.
func neverIssued() (all []object) {
	add := func(name string, spec object) {
		whole := object{"issuerRef": object{"name": "self"}, "privateKey": object{"algorithm": "ECDSA"}}
		for field, value := range spec {
			whole[field] = value
		}
		all = append(all, certificate("never-"+name, whole))
	}
	add("dns-unicode", object{"dnsNames": []string{"bücher.example"}})
	add("email-unicode", object{"emailAddresses": []string{"ü@example.com"}})
	add("uri-unicode", object{"uris": []string{"https://bücher.example/"}})
	for i, uri := range []string{"http://[::1", "HTTPS://example.com/", "http://a b/", "http://x/a b", "http://x/%zz", "http://a..b/"} { // not what net/url makes of it
		add(fmt.Sprintf("uri-%d", i), object{"uris": []string{uri}})
	}
	add("constraint-domain", object{"commonName": "CA", "isCA": true, "nameConstraints": object{"excluded": object{"dnsDomains": []string{"."}}}})
	add("constraint-range", object{"commonName": "CA", "isCA": true, "nameConstraints": object{"permitted": object{"ipRanges": []string{"10.0.0.1"}}}})
	add("oid-of-one-number", object{"otherNames": []object{{"oid": "5", "utf8Value": "x"}}})
	add("no-such-issuer", object{"commonName": "x", "issuerRef": object{"name": "nobody"}})
	add("no-such-cluster-issuer", object{"commonName": "x", "issuerRef": object{"name": "self", "kind": "ClusterIssuer"}})
	add("no-such-password", object{"commonName": "x", "keystores": object{"jks": object{"create": true, "passwordSecretRef": object{"name": "nobody", "key": "store"}}}})
	add("no-such-password-key", object{"commonName": "x", "keystores": object{"jks": object{"create": true, "passwordSecretRef": object{"name": "passwords", "key": "other"}}}})
	return all
}
