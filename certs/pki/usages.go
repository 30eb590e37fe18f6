package pki

import (
	"crypto/x509"
	"encoding/asn1"
	"fmt"
	"slices"
	"strings"
)

// usage is one thing that a certificate may be used for, under the name that cert-manager and cfssl
// give it. Exactly one of key and ext is set.
type usage struct {
	name string
	key  x509.KeyUsage
	ext  x509.ExtKeyUsage
	rare bool // not offered: no server needs it
}

var usages = []usage{
	{name: "digital signature", key: x509.KeyUsageDigitalSignature},
	{name: "content commitment", key: x509.KeyUsageContentCommitment},
	{name: "key encipherment", key: x509.KeyUsageKeyEncipherment},
	{name: "data encipherment", key: x509.KeyUsageDataEncipherment},
	{name: "key agreement", key: x509.KeyUsageKeyAgreement},
	{name: "cert sign", key: x509.KeyUsageCertSign},
	{name: "crl sign", key: x509.KeyUsageCRLSign},
	{name: "any", ext: x509.ExtKeyUsageAny},
	{name: "server auth", ext: x509.ExtKeyUsageServerAuth},
	{name: "client auth", ext: x509.ExtKeyUsageClientAuth},
	{name: "code signing", ext: x509.ExtKeyUsageCodeSigning},
	{name: "email protection", ext: x509.ExtKeyUsageEmailProtection},
	{name: "timestamping", ext: x509.ExtKeyUsageTimeStamping},
	{name: "ocsp signing", ext: x509.ExtKeyUsageOCSPSigning},
	{name: "encipher only", key: x509.KeyUsageEncipherOnly, rare: true},
	{name: "decipher only", key: x509.KeyUsageDecipherOnly, rare: true},
	{name: "ipsec end system", ext: x509.ExtKeyUsageIPSECEndSystem, rare: true},
	{name: "ipsec tunnel", ext: x509.ExtKeyUsageIPSECTunnel, rare: true},
	{name: "ipsec user", ext: x509.ExtKeyUsageIPSECUser, rare: true},
	{name: "microsoft sgc", ext: x509.ExtKeyUsageMicrosoftServerGatedCrypto, rare: true},
	{name: "netscape sgc", ext: x509.ExtKeyUsageNetscapeServerGatedCrypto, rare: true},
}

// isKeyUsage tells the two kinds apart: ExtKeyUsageAny is zero, so ext alone cannot.
func (u usage) isKeyUsage() bool { return u.key != 0 }

// usageNamed knows a usage by its name as it is spelt here.
func usageNamed(name string) (usage, bool) {
	i := slices.IndexFunc(usages, func(u usage) bool { return u.name == name })
	if i < 0 {
		return usage{}, false
	}
	return usages[i], true
}

// findUsage knows a usage by its name, written with or without its spaces, in any case ("serverAuth"),
// and by cfssl's synonym "signing".
func findUsage(name string) (usage, bool) {
	fold := func(s string) string {
		return strings.ToLower(strings.NewReplacer(" ", "", "-", "", "_", "").Replace(s))
	}
	name = fold(name)
	if name == "signing" {
		name = "digitalsignature"
	}
	i := slices.IndexFunc(usages, func(u usage) bool { return fold(u.name) == name })
	if i < 0 {
		return usage{}, false
	}
	return usages[i], true
}

// ParseUsages resolves usage names for a key of the algorithm. Where no key usage is named, the ones
// that TLS needs are set: digitalSignature, and keyEncipherment for RSA alone, since only RSA key
// exchange enciphers ([RFC 8813] forbids it for elliptic-curve keys). Where no extended key usage is
// named, it is serverAuth.
//
// [RFC 8813]: https://www.rfc-editor.org/rfc/rfc8813
func ParseUsages(names []string, algorithm KeyAlgorithm) (x509.KeyUsage, []x509.ExtKeyUsage, Problems) {
	key, ext, problems := parseUsages(names, algorithm, false)
	if key == 0 {
		key = defaultKeyUsage(algorithm)
	}
	if len(ext) == 0 {
		ext = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}
	}
	return key, ext, problems
}

// ParseAuthorityUsages resolves usage names for a CA. It signs certificates and revocation lists, whatever else is named;
// extended key usages restrict what it may certify for, so there are none that are not named.
func ParseAuthorityUsages(names []string, algorithm KeyAlgorithm) (x509.KeyUsage, []x509.ExtKeyUsage, Problems) {
	key, ext, problems := parseUsages(names, algorithm, true)
	return key | x509.KeyUsageCertSign | x509.KeyUsageCRLSign, ext, problems
}

func parseUsages(names []string, algorithm KeyAlgorithm, authority bool) (key x509.KeyUsage, ext []x509.ExtKeyUsage, problems Problems) {
	problem := func(name, hint, reason string) {
		problems = append(problems, Problem{Field: FieldUsages, Value: name, Reason: reason, Hint: hint})
	}
	for _, name := range names {
		u, ok := findUsage(name)
		switch {
		case name == "":
			problem(name, "", "empty")
		case !ok:
			problem(name, "the usages are: "+strings.Join(UsageNames(), ", "), "unknown usage")
		case u.key&(x509.KeyUsageCertSign|x509.KeyUsageCRLSign) != 0 && !authority:
			problem(name, "", "a server certificate must not sign others; only a CA does")
		case u.key&(x509.KeyUsageKeyEncipherment|x509.KeyUsageDataEncipherment) != 0 && algorithm != RSA:
			problem(name, "leave it out, or ask for an RSA key", fmt.Sprintf("only an RSA key enciphers, not %s", algorithm))
		case u.key == x509.KeyUsageKeyAgreement && algorithm != ECDSA:
			problem(name, "leave it out, or ask for an ECDSA key", fmt.Sprintf("only an ECDSA key agrees on keys, not %s", algorithm))
		case u.isKeyUsage():
			key |= u.key
		case !slices.Contains(ext, u.ext):
			ext = append(ext, u.ext)
		}
	}
	return key, ext, problems
}

func defaultKeyUsage(algorithm KeyAlgorithm) x509.KeyUsage {
	if algorithm == RSA {
		return x509.KeyUsageDigitalSignature | x509.KeyUsageKeyEncipherment
	}
	return x509.KeyUsageDigitalSignature
}

// UsageNames are the usages that a server's certificate can have.
func UsageNames() []string {
	var names []string
	for _, u := range usages {
		if u.key&(x509.KeyUsageCertSign|x509.KeyUsageCRLSign) == 0 && !u.rare {
			names = append(names, u.name)
		}
	}
	return names
}

// FormatUsages names the usages of a certificate, as [ParseUsages] knows them.
func FormatUsages(key x509.KeyUsage, ext []x509.ExtKeyUsage) []string {
	var names []string
	for _, u := range usages {
		if u.isKeyUsage() && key&u.key != 0 || !u.isKeyUsage() && slices.Contains(ext, u.ext) {
			names = append(names, u.name)
		}
	}
	return names
}

// UnknownUsages are the extended key usages of a certificate that Go has no name for, as object identifiers.
func UnknownUsages(c *x509.Certificate) []string {
	var names []string
	for _, oid := range c.UnknownExtKeyUsage {
		names = append(names, oid.String())
	}
	return names
}

// UsageName is the name of an extended key usage, its object identifier where it has none here.
func UsageName(oid asn1.ObjectIdentifier) string {
	for _, u := range usages {
		if !u.isKeyUsage() && u.ext.OID().String() == oid.String() {
			return u.name
		}
	}
	return oid.String()
}

// ParseUsagesAsWritten resolves usage names as cert-manager does: under its own spelling alone, for any key, and in the order
// in which they are written. None mean digital signature and key encipherment, its defaults:
// https://cert-manager.io/docs/reference/api-docs/#cert-manager.io/v1.CertificateSpec
func ParseUsagesAsWritten(names []string) (key x509.KeyUsage, ext []x509.ExtKeyUsage, problems Problems) {
	if len(names) == 0 {
		return x509.KeyUsageDigitalSignature | x509.KeyUsageKeyEncipherment, nil, nil
	}
	for _, name := range names {
		u, ok := usageNamed(name)
		switch {
		case name == "signing":
			key |= x509.KeyUsageDigitalSignature
		case name == "s/mime":
			ext = append(ext, x509.ExtKeyUsageEmailProtection)
		case !ok:
			hint := ""
			if near, known := findUsage(name); known {
				hint = fmt.Sprintf("write %q", near.name)
			}
			problems = append(problems, Problem{Field: FieldUsages, Value: name, Reason: "unknown usage", Hint: hint})
		case u.isKeyUsage():
			key |= u.key
		default:
			ext = append(ext, u.ext)
		}
	}
	return key, ext, problems
}
