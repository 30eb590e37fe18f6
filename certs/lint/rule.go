package lint

import "fmt"

// Severity says how much a finding matters.
type Severity string

// An Error makes clients refuse, servers not start, or gives the key away. A Warning breaks some clients,
// or will break them later.
const (
	Error   Severity = "error"
	Warning Severity = "warning"
)

// Rule is one thing that can be wrong with a certificate or with what holds it. ID never changes: scripts
// name it to ignore the rule.
type Rule struct {
	ID       string
	Severity Severity
	Breaks   string // whom it breaks: up to the first semicolon, who refuses; behind it, what else is to be known
	Mend     string // what to do about it
	Unusable bool   // no server can load the pair, whatever its clients would say
}

// Finding is a rule that something breaks.
type Finding struct {
	Rule   Rule
	Detail string // what is wrong here, with the values
}

// Found makes a Finding.
func (r Rule) Found(format string, args ...any) Finding {
	return Finding{r, fmt.Sprintf(format, args...)}
}

// String is the finding on one line.
func (f Finding) String() string { return f.Rule.ID + ": " + f.Detail }

// warning is the rule where it keeps nobody from connecting.
func (r Rule) warning() Rule {
	r.Severity = Warning
	return r
}

// unneeded is the rule for a certificate that a valid path does without. That servers sent an expired one
// beside a root that was trusted showed on 30 May 2020 which clients look for another path:
// https://www.agwa.name/blog/post/fixing_the_addtrust_root_expiration
func (r Rule) unneeded() Rule {
	r.Severity = Warning
	r.Breaks = "old clients that try one path only; OpenSSL before 1.1.0 and GnuTLS before 3.6.14 are such, and those of today find the path without it"
	r.Mend = "remove the certificate from the chain"
	return r
}

// butJava is the rule for what Java does not look at in the CAs above a server.
func (r Rule) butJava() Rule {
	r.Breaks = "curl, GnuTLS, Go, Node, NSS, OpenSSL, Python and browsers; Java looks at the usages of the server's certificate alone"
	return r
}

// ofCA is the rule for a CA that may be where it is, but not sign.
func (r Rule) ofCA() Rule {
	r.Severity = Warning
	r.Breaks = "every client that meets a certificate of this CA"
	return r
}

const makeNewOne = "make a new certificate"

// The rules for a certificate, its key and its chain, in the order in which they are reported. What each
// says of clients is shown to be true by the tests.
var (
	RuleUnreadable = Rule{ID: "unreadable", Severity: Error, Unusable: true,
		Breaks: "every server: none can load it", Mend: "take the file from its source again"}
	RuleKeyMissing = Rule{ID: "key-missing", Severity: Error, Unusable: true,
		Breaks: "the API server, which refuses the Secret, and every server that is given what is left", Mend: "add the private key that the certificate was made for"}
	RuleKeyEncrypted = Rule{ID: "key-encrypted", Severity: Error, Unusable: true,
		Breaks: "servers: nginx asks for the password at start, and Go's cannot read it", Mend: "decrypt the key: certgen create NAME --cert FILE --key FILE"}
	RuleKeyMismatch = Rule{ID: "key-mismatch", Severity: Error, Unusable: true,
		Breaks: "every server: none starts with it (nginx: key values mismatch)", Mend: "find the key that the certificate was made for; a renewed certificate often has a new one"}
	RuleChainOrder = Rule{ID: "chain-order", Severity: Error,
		Breaks: "servers, where the leaf is not the first: nginx and Go's take the first for their own and do not start; clients sort the rest themselves", Mend: "leaf first, then each one's issuer: certgen create NAME --cert FILE --key FILE sorts it"}
	RuleRootInChain = Rule{ID: "root-in-chain", Severity: Warning,
		Breaks: "nobody, but each handshake carries it in vain", Mend: "leave the root out of tls.crt; it belongs into ca.crt"}
	RuleMissingIntermediate = Rule{ID: "missing-intermediate", Severity: Error,
		Breaks: "every client; some browsers fetch it and so hide the fault", Mend: "put the issuer's certificate behind the leaf, or if it is the root, into ca.crt; certgen verify --ca names a root for clients that have it"}
	RuleUntrusted = Rule{ID: "untrusted", Severity: Error,
		Breaks: "every client that does not trust the issuer already", Mend: "give clients the right root, or have the certificate signed by the CA they trust"}
	RuleNotPermitted = Rule{ID: "not-permitted", Severity: Error,
		Breaks: "every client: all check name constraints and path lengths", Mend: "have it signed by a CA that may certify it"}
	RuleExpired = Rule{ID: "expired", Severity: Error,
		Breaks: "every client", Mend: makeNewOne}
	RuleNotYetValid = Rule{ID: "not-yet-valid", Severity: Error,
		Breaks: "every client", Mend: "wait, or check the clock of the machine that made it"}
	RuleDue = Rule{ID: "due-for-renewal", Severity: Warning,
		Breaks: "nobody yet", Mend: "re-issue it; running the certgen command that made it does that"}
	RuleNoSAN = Rule{ID: "no-san", Severity: Error,
		Breaks: "every client: there is no name to compare", Mend: "make a new certificate with the hosts in its subject alternative names"}
	RuleCNOnly = Rule{ID: "cn-only", Severity: Error,
		Breaks: "Go and browsers, which follow RFC 9525; curl, GnuTLS, Java, Node, NSS, OpenSSL and Python still look at the common name", Mend: "make a new certificate with the hosts in its subject alternative names"}
	RuleNameNotCovered = Rule{ID: "name-not-covered", Severity: Error,
		Breaks: "every client that uses this name", Mend: "make a new certificate that names the host, too"}
	RuleWeakSignature = Rule{ID: "weak-signature", Severity: Error,
		Breaks: "curl, GnuTLS, Go, Node, OpenSSL 3, Python and browsers, where a CA signed it; Java goes by whether that is a public CA", Mend: "have it signed with SHA-256 or better"}
	RuleWeakKey = Rule{ID: "weak-key", Severity: Error,
		Breaks: "curl, OpenSSL 3 and Python as Linux distributions set them up, and browsers; GnuTLS, Go, Java, Node and NSS still accept RSA with 1024 bits", Mend: "make a new key: ECDSA P-256, or RSA with 2048 to 8192 bits"}
	RuleKeyUsage = Rule{ID: "key-usage", Severity: Warning,
		Breaks: "GnuTLS and Java, where digitalSignature is missing; encipherment with an elliptic-curve key is found by linters alone", Mend: "make a new certificate with the key usage digitalSignature; keyEncipherment belongs to RSA keys alone"}
	RuleNoServerAuth = Rule{ID: "no-server-auth", Severity: Error,
		Breaks: "every client", Mend: "make a new certificate with the extended key usage serverAuth"}
	RuleCAFlag = Rule{ID: "ca-flag", Severity: Warning,
		Breaks: "Firefox, NSS and rustls, which take no CA for a server; whoever trusts it also trusts whatever its key signs", Mend: "make a new certificate with the basic constraint CA:FALSE"}
	RuleLongLife = Rule{ID: "long-life", Severity: Warning,
		Breaks: "Safari and all that runs on Apple's systems, under private CAs too", Mend: "make a new certificate for 365 days or less"}
	RuleShortSerial = Rule{ID: "short-serial", Severity: Warning,
		Breaks: "Firefox, when it meets a second certificate of this issuer with the same number", Mend: "make a new certificate with a random number of 64 bits or more"}
	RuleKnownKey = Rule{ID: "known-key", Severity: Error,
		Breaks: "nobody, and that is the harm: everybody can read and forge this server's traffic", Mend: "make a new key and certificate, and remove this one wherever it is trusted"}
	RuleDeceptiveName = Rule{ID: "deceptive-name", Severity: Warning,
		Breaks: "people: the name shows as another one, and a terminal may obey it; programs compare what is written", Mend: "do not trust it before you know who made it; make a new certificate without such characters"}
	RuleCADoesNotVerify = Rule{ID: "ca-does-not-verify", Severity: Error,
		Breaks: "every client that is given this ca.crt", Mend: "put the root of the chain into ca.crt"}
)

// Rules returns the rules for a certificate, in the order in which [Target.Lint] reports them.
func Rules() []Rule {
	return []Rule{
		RuleUnreadable, RuleKeyMissing, RuleKeyEncrypted, RuleKeyMismatch, RuleKnownKey,
		RuleExpired, RuleNotYetValid, RuleDue, RuleLongLife,
		RuleNoSAN, RuleCNOnly, RuleNameNotCovered, RuleDeceptiveName,
		RuleChainOrder, RuleRootInChain, RuleMissingIntermediate, RuleUntrusted, RuleCADoesNotVerify, RuleNotPermitted,
		RuleWeakSignature, RuleWeakKey, RuleKeyUsage, RuleNoServerAuth, RuleCAFlag, RuleShortSerial,
	}
}
