package certmanager

// literalSubjects are distinguished names as RFC 4514 writes them.
func literalSubjects() []string {
	return []string{
		"CN=web", "CN=web,OU=Platform,O=Acme,C=DE", "C=DE,O=Acme,CN=web", "CN=a+O=b,C=DE", "CN=one,CN=two", "O=without CN",
		`CN=comma\, plus\+ quote\" slash\\ semi\; less\< greater\>`, `CN=\20lead and trail\20`, `CN=Gr\C3\B6\C3\9Fe`, "CN=Größe",
		"CN=web,DC=corp,DC=example,DC=com", "UID=jane,CN=Jane,L=Berlin,ST=Berlin,STREET=Straße 1", "SERIALNUMBER=42,CN=web",
		"CN=web,2.5.4.17=10115", "CN = spaced , O = Acme", "CN=#0C03576562", "CN=a_b*c@d",
	}
}

// dnsNames are names as cert-manager takes them: as they are.
func dnsNames() []string {
	return []string{
		"example.com", "www.example.com", "*.example.com", "UPPER.Example.COM", "localhost", "under_score.example", "_srv._tcp.example",
		"xn--bcher-kva.example", "a.b.c.d.e.f.example", "1.2.3.4", "-lead.example", "web.default.svc.cluster.local", "*", "w*.example.com", "a.*.example.com",
	}
}

// uris are URIs whose written and normal forms differ, and some that do not.
func uris() []string {
	return []string{
		"spiffe://cluster.local/ns/default/sa/web", "https://example.com/a?b=c#d", "urn:uuid:f81d4fae-7dec-11d0-a765-00a0c91e6bf6", "https://EXAMPLE.com/%7Ea",
		"https://user@example.com:8443/", "mailto:a@example.com", "https://[2001:db8::1]/", "ldap://x/cn=a,dc=b",
	}
}

// allUsages are the names of usages that a Certificate may have.
func allUsages() []string {
	return []string{
		"signing", "digital signature", "content commitment", "key encipherment", "key agreement", "data encipherment", "cert sign", "crl sign", "encipher only", "decipher only",
		"any", "server auth", "client auth", "code signing", "email protection", "s/mime", "ipsec end system", "ipsec tunnel", "ipsec user", "timestamping", "ocsp signing",
		"microsoft sgc", "netscape sgc",
	}
}
