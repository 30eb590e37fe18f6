package lint

import (
	"crypto/x509"
	"slices"

	"certgen/certs/pki"
)

// The bounds of the rules. Their sources:
//   - maxLife: https://support.apple.com/en-us/103769
//   - minSerialBits: the CA/Browser Forum asks for 64 random bits; that as few as 48 of them are needed
//     to write the number happens once in 65,536 times.
const (
	maxLife       = 825 * pki.Day
	minSerialBits = 48
)

// dueFindings says that a certificate is to be renewed.
func dueFindings(leaf *x509.Certificate, want Expectations) (found []Finding) {
	due, renewed := want.Renewal.Due(leaf)
	if renewed && !want.Now.Before(due) && !want.Now.After(leaf.NotAfter) {
		found = append(found, RuleDue.Found("due since %s, valid until %s", pki.FormatTime(due), pki.FormatTime(leaf.NotAfter)))
	}
	return found
}

// lifeFindings judges the life of a server's certificate.
func lifeFindings(leaf *x509.Certificate) (found []Finding) {
	if life := leaf.NotAfter.Sub(leaf.NotBefore); life > maxLife {
		found = append(found, RuleLongLife.Found("valid for %d days, more than %d", life/pki.Day, maxLife/pki.Day))
	}
	return found
}

// nameFindings judges what the leaf certifies.
func nameFindings(leaf *x509.Certificate, hosts []string) (found []Finding) {
	names := (&pki.KeyPair{Leaf: leaf}).Names()
	cn := leaf.Subject.CommonName
	if len(names) == 0 {
		if _, err := pki.ParseDNSName(cn); err == nil {
			found = append(found, RuleCNOnly.Found("the common name %q is its only name", cn))
		} else {
			found = append(found, RuleNoSAN.Found("no subject alternative name"))
		}
		if cn != "" {
			names = []string{"common name " + cn}
		}
	}
	for _, host := range hosts {
		if leaf.VerifyHostname(host) != nil {
			found = append(found, RuleNameNotCovered.Found("%s is not among its names: %s", host, pki.ShortList(names)))
		}
	}
	return found
}

// usageFindings judges what a certificate may be used for, and its number.
func usageFindings(leaf *x509.Certificate, purpose Purpose) (found []Finding) {
	add := func(rule Rule, format string, args ...any) { found = append(found, rule.Found(format, args...)) }
	if purpose == ForCA {
		if !leaf.IsCA {
			add(RuleNotCA, "%s is not marked as a CA", pki.CertName(leaf))
		}
		return found
	}
	spec := pki.KeySpecOf(leaf.PublicKey)
	switch {
	case leaf.KeyUsage == 0:
	case leaf.KeyUsage&x509.KeyUsageDigitalSignature == 0:
		add(RuleKeyUsage, "the key usage does not include digitalSignature")
	case spec.Algorithm != pki.RSA && leaf.KeyUsage&(x509.KeyUsageKeyEncipherment|x509.KeyUsageDataEncipherment) != 0:
		add(RuleKeyUsage, "the key usage includes encipherment, which a key of type %s cannot do", spec)
	}
	bound := len(leaf.ExtKeyUsage)+len(leaf.UnknownExtKeyUsage) > 0 && !slices.Contains(leaf.ExtKeyUsage, x509.ExtKeyUsageAny)
	lacks := func(usage x509.ExtKeyUsage) bool { return bound && !slices.Contains(leaf.ExtKeyUsage, usage) }
	usages := func() string {
		return pki.ShortList(append(pki.FormatUsages(0, leaf.ExtKeyUsage), pki.UnknownUsages(leaf)...))
	}
	if purpose.server() && lacks(x509.ExtKeyUsageServerAuth) {
		add(RuleNoServerAuth, "it may be used for %s only", usages())
	}
	if purpose.client() && lacks(x509.ExtKeyUsageClientAuth) {
		add(RuleNoClientAuth, "it may be used for %s only", usages())
	}
	if leaf.IsCA && purpose.server() {
		add(RuleCAFlag, "it is marked as a CA (basic constraint CA:TRUE)")
	}
	if bits := leaf.SerialNumber.BitLen(); 0 < bits && bits < minSerialBits {
		add(RuleShortSerial, "the serial number has %d bits", bits)
	}
	return found
}
