package certmanager

import (
	"fmt"
	"math/rand/v2"
)

// object is a manifest's document, or a part of one: not a type of Go's, so that it can be wrong.
type object = map[string]any

// certificate returns a Certificate's document, whose Secret has its name unless the spec says otherwise.
func certificate(name string, spec object) object {
	whole := object{"secretName": name}
	for field, value := range spec {
		whole[field] = value
	}
	return object{"apiVersion": "cert-manager.io/v1", "kind": "Certificate", "metadata": object{"name": name}, "spec": whole}
}

// generated returns n Certificates that a seed decides, each of which cert-manager issues.
func generated(seed uint64, n int) (all []object) {
	g := generator{rand.New(rand.NewPCG(seed, 0))}
	for i := range n {
		all = append(all, g.certificate(fmt.Sprintf("generated-%04d", i), i))
	}
	return all
}

type generator struct{ *rand.Rand }

// in says yes once in n times.
func (g generator) in(n int) bool { return g.IntN(n) == 0 }

// one returns one of several.
func one[T any](g generator, of ...T) T { return of[g.IntN(len(of))] }

// some returns up to most of several, in any order, perhaps one of them twice.
func some[T any](g generator, most int, of []T) []T {
	var chosen []T
	for range g.IntN(most + 1) {
		chosen = append(chosen, one(g, of...))
	}
	return chosen
}

// put sets a field to a list, unless that is empty: a list that is there and empty is another case.
func put[T any](spec object, field string, list []T) {
	if len(list) > 0 {
		spec[field] = list
	}
}

func (g generator) certificate(name string, i int) object {
	spec := object{"issuerRef": one(g, issuerRefs()...)}
	g.key(spec, i)
	g.subject(spec)
	g.names(spec)
	g.usages(spec)
	g.life(spec)
	g.outputs(spec)
	c := certificate(name, spec)
	if g.in(8) { // what is the Certificate's own is not the Secret's
		c["metadata"].(object)["labels"] = object{"of": "the-certificate"}
		c["metadata"].(object)["annotations"] = object{"example.com/of": "the Certificate"}
	}
	return c
}

// key decides about the key: one Certificate in thirty has RSA's, which take as long as all others together.
func (g generator) key(spec object, i int) {
	key := object{}
	if i%30 == 0 {
		if spec["privateKey"] = key; i%60 == 0 { // the default in words
			key["algorithm"] = "RSA"
			spec["signatureAlgorithm"] = one(g, "SHA256WithRSA", "SHA384WithRSA", "SHA512WithRSA")
		}
		if i%120 == 0 {
			key["size"] = one(g, 0, 2048, 2056, 3072)
		}
	} else {
		spec["privateKey"] = key
		if key["algorithm"] = one(g, "ECDSA", "ECDSA", "ECDSA", "Ed25519"); key["algorithm"] == "Ed25519" {
			if g.in(3) {
				key["size"] = 256 // means nothing
			}
			if g.in(3) {
				spec["signatureAlgorithm"] = "PureEd25519"
			}
		} else {
			if g.in(2) {
				key["size"] = one(g, 0, 256, 256, 384, 521)
			}
			if g.in(3) { // the request's, not the certificate's
				spec["signatureAlgorithm"] = one(g, "ECDSAWithSHA256", "ECDSAWithSHA384", "ECDSAWithSHA512")
			}
		}
	}
	if g.in(2) {
		key["encoding"] = one(g, "PKCS1", "PKCS8")
	}
	if g.in(4) {
		key["rotationPolicy"] = one(g, "Always", "Never")
	}
	if len(key) == 0 {
		delete(spec, "privateKey")
	}
}

// subject sets a subject in one of the three ways, or none.
func (g generator) subject(spec object) {
	if g.in(5) {
		spec["literalSubject"] = one(g, literalSubjects()...)
		return
	}
	if g.in(2) {
		spec["commonName"] = one(g, "web", "www.example.com", "UPPER.example", "*.example.com", "Größe & Söhne", "a, b+c=d", " lead", "1.2.3.4", "名前",
			"x@example.com", "-", "as-long-as-may-be-as-long-as-may-be-as-long-as-may-be-as-long-as")
	}
	if g.in(3) {
		subject := object{}
		for _, field := range []string{"organizations", "countries", "organizationalUnits", "localities", "provinces", "streetAddresses", "postalCodes"} {
			if g.in(3) {
				put(subject, field, some(g, 3, []string{"DE", "Acme", "Acme, Inc.", "Straße 1", `say "hi"`, "b", "a", "Ünder", "x_y", "a*b", "  spaced ", "line\nbreak", "10115"}))
			}
		}
		if g.in(3) {
			subject["serialNumber"] = one(g, "1", "00-AB", "ß,1")
		}
		spec["subject"] = subject
	}
}

// names sets the names of a certificate, at least one where the subject does not name it.
func (g generator) names(spec object) {
	put(spec, "dnsNames", some(g, 4, dnsNames()))
	if g.in(4) {
		put(spec, "ipAddresses", some(g, 3, []string{"10.0.0.1", "127.0.0.1", "::1", "2001:DB8::1", "2001:db8:0:0:0:0:0:1", "::ffff:192.0.2.1", "0.0.0.0", "255.255.255.255", "::"}))
	}
	if g.in(4) {
		put(spec, "uris", some(g, 3, uris()))
	}
	if g.in(5) {
		put(spec, "emailAddresses", some(g, 3, []string{"a@example.com", "A.B+c@EXAMPLE.com", "x@localhost", "o'b@example.com", "a@xn--bcher-kva.example"}))
	}
	if g.in(6) {
		put(spec, "otherNames", some(g, 2, []object{
			{"oid": "1.3.6.1.4.1.311.20.2.3", "utf8Value": "user@example.com"},
			{"oid": "1.3.6.1.4.1.311.20.2.3", "utf8Value": "Größe"},
			{"oid": "2.999.1.2147483647", "utf8Value": "x"},
			{"oid": "0.9.2342.19200300.100.1.1", "utf8Value": "uid"},
		}))
	}
	for _, field := range []string{"commonName", "literalSubject", "dnsNames", "ipAddresses", "uris", "emailAddresses", "otherNames"} {
		if spec[field] != nil && spec[field] != "O=without CN" {
			return
		}
	}
	spec["dnsNames"] = []string{"named.example"}
}

// usages sets usages and what a CA's certificate has.
func (g generator) usages(spec object) {
	if g.in(2) {
		put(spec, "usages", some(g, 6, allUsages()))
	}
	if g.in(10) {
		spec["encodeUsagesInRequest"] = g.in(2)
	}
	if !g.in(6) {
		return
	}
	spec["isCA"] = true
	if g.in(2) {
		constraints := object{one(g, "permitted", "excluded"): g.constraints()}
		if g.in(2) {
			constraints[one(g, "permitted", "excluded")] = g.constraints()
		}
		if g.in(2) {
			constraints["critical"] = g.in(2)
		}
		spec["nameConstraints"] = constraints
	}
}

// constraints are subtrees of names: without any of them, the extension is left out.
func (g generator) constraints() object {
	subtrees := object{}
	put(subtrees, "dnsDomains", some(g, 2, []string{"example.com", ".example.com", "UPPER.example"}))
	put(subtrees, "ipRanges", some(g, 2, []string{"10.0.0.0/8", "10.1.2.3/16", "2001:db8::/32", "0.0.0.0/0", "192.0.2.1/32"}))
	put(subtrees, "emailAddresses", some(g, 2, []string{"a@example.com", "example.com", ".example.com"}))
	put(subtrees, "uriDomains", some(g, 2, []string{"example.com", ".example.com"}))
	return subtrees
}

// life sets how long the certificate is good and when it is renewed.
func (g generator) life(spec object) {
	if g.in(2) {
		spec["duration"] = one(g, "1h", "24h", "2160h", "8760h0m0s", "87600h", "1h30m", "1h0.5s", "2h0m0.000000001s", "1.5h", "262800h")
	}
	switch g.IntN(6) { // renewed at once, it would be renewed for ever
	case 0:
		spec["renewBefore"] = one(g, "5m", "30m", "55m", "50m0.5s")
	case 1:
		spec["renewBeforePercentage"] = one(g, 10, 33, 50, 90)
	}
	switch g.IntN(12) {
	case 0:
		spec["renewal"] = object{"policy": "Disabled"}
	case 1:
		spec["renewal"] = object{"policy": "RenewBefore"}
	case 2: // with time enough: where no window comes before the end, a Certificate is never ready
		spec["duration"] = "8760h"
		spec["renewal"] = object{"policy": "RenewBefore", "windows": []object{
			{"cron": one(g, "0 3 * * *", "*/5 1-5 * * MON-FRI", "@daily"), "windowDuration": "2h"},
			{"cron": "30 22 * * 0", "windowDuration": "1h30m", "timezone": one(g, "Europe/Berlin", "UTC", "America/New_York")},
		}}
	}
	if spec["duration"] == "8760h" && spec["renewBefore"] != nil {
		spec["renewBefore"] = "720h"
	}
	if g.in(10) {
		spec["revisionHistoryLimit"] = one(g, 1, 3)
	}
}

// outputs sets what else goes into the Secret.
func (g generator) outputs(spec object) {
	if g.in(4) {
		spec["additionalOutputFormats"] = one(g, []object{{"type": "DER"}}, []object{{"type": "CombinedPEM"}}, []object{{"type": "CombinedPEM"}, {"type": "DER"}}, []object{})
	}
	if g.in(6) {
		spec["keystores"] = g.keystores()
	}
	if g.in(4) {
		template := object{}
		if g.in(2) {
			template["labels"] = one(g, object{"team": "web"}, object{"app.kubernetes.io/name": "x", "empty": ""})
		}
		if g.in(2) {
			template["annotations"] = one(g, object{"example.com/note": "two words: «1»\nand a line"}, object{"a": "", "b": "true"})
		}
		spec["secretTemplate"] = template
	}
}

func (g generator) keystores() object {
	stores := object{}
	if g.in(2) {
		stores["jks"] = g.password(object{"create": !g.in(4)})
		if g.in(2) {
			stores["jks"].(object)["alias"] = one(g, "web", "certificate", "UPPER")
		}
	}
	if g.in(2) {
		stores["pkcs12"] = g.password(object{"create": !g.in(4)})
		if g.in(2) {
			stores["pkcs12"].(object)["profile"] = one(g, "LegacyRC2", "LegacyDES", "Modern2023", "Modern2026")
		}
	}
	return stores
}

// password adds the password of a keystore, in words or as a Secret's.
func (g generator) password(store object) object {
	if g.in(2) {
		store["password"] = storePassword
	} else {
		store["passwordSecretRef"] = object{"name": "passwords", "key": "store"}
	}
	return store
}
