package lint

import "certgen/certs/lint/form"

// What several of the rules below say.
const (
	linters    = "nobody that is known; linters report it, and clients to come may refuse it"
	onSigning  = "every client of a server whose certificate this CA signs"
	otherMaker = "make a new certificate with a current program"
)

// The rules for the form of certificates, by the ids of package form. What several clients disagree on is measured.
var (
	RuleCAKeyUsage = Rule{ID: form.CAKeyUsage, Severity: Error, Strict: true, Source: "RFC 5280, section 4.2.1.3",
		Breaks: onSigning, Mend: mendCA}
	RuleCAKeyUsageMissing = Rule{ID: form.CAKeyUsageMissing, Severity: Warning, Source: "RFC 5280, section 4.2.1.3",
		Breaks: strictly, Mend: mendCA}
	RuleCABasicConstraints = Rule{ID: form.BasicConstraints, Severity: Warning, Strict: true, Source: "RFC 5280, section 4.2.1.9",
		Breaks: strictly, Mend: mendCA}
	RuleCAKeyIdentifier = Rule{ID: form.KeyIdentifier, Severity: Warning, Strict: true, Source: "RFC 5280, section 4.2.1.2",
		Breaks: strictly, Mend: mendCA}
	RuleCASubject = Rule{ID: form.CASubject, Severity: Error, Strict: true, Source: "RFC 5280, section 4.1.2.6",
		Breaks: "curl, Java and Python; the others accept it", Mend: mendCA}
	RuleAuthorityKeyID = Rule{ID: form.AuthorityKeyID, Severity: Warning, Strict: true, Source: "RFC 5280, section 4.2.1.1",
		Breaks: strictly, Mend: otherMaker}
	RuleIssuerKeyMismatch = Rule{ID: form.IssuerKeyMismatch, Severity: Error, Strict: true, Source: "RFC 5280, section 4.2.1.1",
		Breaks: "curl, GnuTLS, Node, NSS, OpenSSL and Python; Go and Java accept it", Mend: "have it signed again: the CA's certificate is another than the one that signed it"}
	RuleSigningLeaf = Rule{ID: form.SigningLeaf, Severity: Warning, Strict: true, Source: "RFC 5280, section 4.2.1.3",
		Breaks: strictly, Mend: "make a new certificate without the key usage certSign"}
	RuleEmptyUsages = Rule{ID: form.EmptyUsages, Severity: Error, Strict: true, Source: "RFC 5280, section 4.2.1.12",
		Breaks: "curl, Java, Node, NSS, OpenSSL and Python; GnuTLS and Go take it for one without the extension", Mend: "make a new certificate with the extended key usage serverAuth"}
	RuleNameConstraints = Rule{ID: form.NameConstraints, Severity: Warning, Strict: true, Source: "RFC 5280, section 4.2.1.10",
		Breaks: linters, Mend: mendCA}
	RuleConstraintsOptional = Rule{ID: form.ConstraintsOptional, Severity: Warning, Strict: true, Source: "RFC 5280, section 4.2.1.10",
		Breaks: "nobody; a client that knows no name constraints would accept what the CA may not certify", Mend: mendCA}
	RulePolicyConstraints = Rule{ID: form.PolicyConstraints, Severity: Warning, Strict: true, Source: "RFC 5280, section 4.2.1.11",
		Breaks: linters, Mend: mendCA}
	RuleAlternativeNames = Rule{ID: form.AlternativeNames, Severity: Warning, Strict: true, Source: "RFC 5280, section 4.2.1.6",
		Breaks: linters, Mend: otherMaker}
	RuleHostSyntax = Rule{ID: form.HostSyntax, Severity: Warning, Strict: true, Source: "RFC 5280, section 4.2.1.6",
		Breaks: "clients of that name: what of it they take differs from one to the next", Mend: "make a new certificate with host names as DNS has them, and addresses as addresses"}
	RuleWildcard = Rule{ID: form.Wildcard, Severity: Warning, Source: "RFC 9525, section 6.3",
		Breaks: "clients of the hosts that the wildcard is meant for; all others are not affected", Mend: "make a new certificate with a wildcard as the whole first label, above two others"}
	RuleCommonName = Rule{ID: form.CommonName, Severity: Warning, Source: "RFC 9525, section 6.3",
		Breaks: "clients of the name in the common name: none looks there beside alternative names", Mend: "make a new certificate with this host in its subject alternative names too"}
	RuleSerialNumber = Rule{ID: form.SerialNumber, Severity: Warning, Strict: true, Source: "RFC 5280, section 4.1.2.2",
		Breaks: linters, Mend: "make a new certificate with a random serial number of at most 20 octets"}
	RuleDateEncoding = Rule{ID: form.DateEncoding, Severity: Warning, Strict: true, Source: "RFC 5280, section 4.1.2.5",
		Breaks: linters, Mend: otherMaker}
	RuleReversedDates = Rule{ID: form.ReversedDates, Severity: Error, Strict: true, Source: "RFC 5280, section 4.1.2.5",
		Breaks: "every client", Mend: makeNewOne}
	RuleOutlivesIssuer = Rule{ID: form.OutlivesIssuer, Severity: Warning, Source: "RFC 5280, section 6.1.3",
		Breaks: "nobody yet; every client from the day on which the issuer expires", Mend: "renew the CA first, and then what it signed"}
	RuleCriticalExtension = Rule{ID: form.CriticalUnknown, Severity: Error, Source: "RFC 5280, section 4.2",
		Breaks: "every client that does not know the extension", Mend: "make a new certificate without this extension, or one where it is not critical"}
	RuleDeceptiveName = Rule{ID: form.DeceptiveName, Severity: Warning, Source: "https://www.unicode.org/reports/tr36/",
		Breaks: "people: the name is displayed as something else, and may contain terminal commands; programs are not affected", Mend: "find out who made it before you trust it; make a new certificate without these characters"}
	RuleROCA = Rule{ID: form.ROCA, Severity: Error, Source: "CVE-2017-15361",
		Breaks: "security: the private key can be computed from the certificate; clients do not notice", Mend: "make a new key with another program or device, and stop trusting this one"}
	RuleBaseline = Rule{ID: form.BaselineRequirement, Severity: Error, Source: "CA/Browser Forum, Baseline Requirements",
		Breaks: "public CAs, which may not issue it; it is found with --profile public only", Mend: otherMaker}
)

// formRules are those of package form, in the order in which they are listed.
func formRules() []Rule {
	return []Rule{
		RuleCAKeyUsage, RuleCAKeyUsageMissing, RuleCABasicConstraints, RuleCAKeyIdentifier, RuleCASubject, RuleAuthorityKeyID,
		RuleIssuerKeyMismatch, RuleSigningLeaf, RuleEmptyUsages, RuleNameConstraints, RuleConstraintsOptional, RulePolicyConstraints, RuleAlternativeNames,
		RuleHostSyntax, RuleWildcard, RuleCommonName, RuleSerialNumber, RuleDateEncoding, RuleReversedDates, RuleOutlivesIssuer,
		RuleCriticalExtension, RuleROCA, RuleBaseline,
	}
}

// ruleOf returns the rule of an id of package form.
func ruleOf(id string) Rule {
	for _, r := range formRules() {
		if r.ID == id {
			return r
		}
	}
	panic("lint: package form has no rule " + id) // a test goes through all of them
}

// Rules returns the rules for a certificate, in the order in which [Target.Lint] reports them.
func Rules() []Rule {
	return append([]Rule{
		RuleUnreadable, RuleKeyMissing, RuleKeyEncrypted, RuleKeyMismatch, RuleKnownKey,
		RuleExpired, RuleNotYetValid, RuleDue, RuleLongLife,
		RuleNoSAN, RuleCNOnly, RuleNameNotCovered, RuleDeceptiveName,
		RuleChainOrder, RuleRootInChain, RuleMissingIntermediate, RuleUntrusted, RuleCADoesNotVerify, RuleNotPermitted, RuleGoRefuses,
		RuleWeakSignature, RuleWeakKey, RuleKeyUsage, RuleNoServerAuth, RuleNoClientAuth, RuleNotCA, RuleCAFlag, RuleShortSerial,
		RuleRevoked, RuleCRLInvalid, RuleCRLStale, RuleCRLNumber,
	}, formRules()...)
}
