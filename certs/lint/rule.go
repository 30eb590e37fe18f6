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
	r.Breaks = "old clients that try only one path; OpenSSL before 1.1.0 and GnuTLS before 3.6.14 do, current clients find the valid path"
	r.Mend = "remove the certificate from the chain"
	return r
}

// butJava is the rule for what Java does not look at in the CAs above a server.
func (r Rule) butJava() Rule {
	r.Breaks = "curl, GnuTLS, Go, Node, NSS, OpenSSL, Python and browsers; Java checks the extended key usage of the server's certificate only"
	return r
}

// ofCA is the rule for a CA that may be where it is, but not sign.
func (r Rule) ofCA() Rule {
	r.Severity = Warning
	r.Breaks = "every client of a server whose certificate this CA signs"
	return r
}

const makeNewOne = "make a new certificate"

// The rules for a certificate, its key and its chain, in the order in which they are reported. What each
// says of clients is shown to be true by the tests.
var (
	RuleUnreadable = Rule{ID: "unreadable", Severity: Error, Unusable: true,
		Breaks: "every server: none can load it", Mend: "take the file from its source again"}
	RuleKeyMissing = Rule{ID: "key-missing", Severity: Error, Unusable: true,
		Breaks: "the API server, which rejects the Secret, and every server that loads the files", Mend: "add the private key that the certificate was made for"}
	RuleKeyEncrypted = Rule{ID: "key-encrypted", Severity: Error, Unusable: true,
		Breaks: "servers: nginx asks for the password when it starts, and Go servers cannot read the key", Mend: "decrypt the key: certgen create NAME --cert FILE --key FILE"}
	RuleKeyMismatch = Rule{ID: "key-mismatch", Severity: Error, Unusable: true,
		Breaks: "every server: none starts with this key (nginx: key values mismatch)", Mend: "use the key that the certificate was made for; a renewed certificate often has a new key"}
	RuleChainOrder = Rule{ID: "chain-order", Severity: Error,
		Breaks: "servers, if the server's certificate is not first: nginx and Go's servers do not start; clients accept the rest in any order", Mend: "put the server's certificate first, then each issuer: certgen create NAME --cert FILE --key FILE sorts the chain"}
	RuleRootInChain = Rule{ID: "root-in-chain", Severity: Warning,
		Breaks: "nobody; every handshake is larger than it needs to be", Mend: "remove the root from tls.crt; it belongs in ca.crt"}
	RuleMissingIntermediate = Rule{ID: "missing-intermediate", Severity: Error,
		Breaks: "every client; some browsers download the missing certificate and hide the problem", Mend: "add the issuer's certificate after the server's; if the issuer is the root, put it in ca.crt, or name it with certgen verify --ca if clients already have it"}
	RuleUntrusted = Rule{ID: "untrusted", Severity: Error,
		Breaks: "every client that does not trust the issuer already", Mend: "give clients the right root, or have the certificate signed by a CA that they trust"}
	RuleNotPermitted = Rule{ID: "not-permitted", Severity: Error,
		Breaks: "every client: all check the name constraints and path lengths of CAs", Mend: "have it signed by a CA that is allowed to sign it"}
	RuleExpired = Rule{ID: "expired", Severity: Error,
		Breaks: "every client", Mend: makeNewOne}
	RuleNotYetValid = Rule{ID: "not-yet-valid", Severity: Error,
		Breaks: "every client", Mend: "wait until then, or check the clock of the machine that made it"}
	RuleDue = Rule{ID: "due-for-renewal", Severity: Warning,
		Breaks: "nobody yet", Mend: "renew it: run the certgen command that made it again"}
	RuleNoSAN = Rule{ID: "no-san", Severity: Error,
		Breaks: "every client: there is no name to match", Mend: "make a new certificate with the hosts in its subject alternative names"}
	RuleCNOnly = Rule{ID: "cn-only", Severity: Error,
		Breaks: "Go and browsers, which follow RFC 9525; curl, GnuTLS, Java, Node, NSS, OpenSSL and Python still match the common name", Mend: "make a new certificate with the hosts in its subject alternative names"}
	RuleNameNotCovered = Rule{ID: "name-not-covered", Severity: Error,
		Breaks: "every client that uses this name", Mend: "make a new certificate that includes this name"}
	RuleWeakSignature = Rule{ID: "weak-signature", Severity: Error,
		Breaks: "curl, GnuTLS, Go, Node, OpenSSL 3, Python and browsers, if a CA signed it; Java refuses it from public CAs only", Mend: "have it signed with SHA-256 or better"}
	RuleWeakKey = Rule{ID: "weak-key", Severity: Error,
		Breaks: "curl, OpenSSL 3 and Python with the default settings of Linux distributions, and browsers; GnuTLS, Go, Java, Node and NSS still accept RSA with 1024 bits", Mend: "make a new key: ECDSA P-256, or RSA with 2048 to 8192 bits"}
	RuleKeyUsage = Rule{ID: "key-usage", Severity: Warning,
		Breaks: "GnuTLS and Java, if digitalSignature is missing; encipherment with an elliptic-curve key is reported by linters only", Mend: "make a new certificate with the key usage digitalSignature, and keyEncipherment only for an RSA key"}
	RuleNoServerAuth = Rule{ID: "no-server-auth", Severity: Error,
		Breaks: "every client", Mend: "make a new certificate with the extended key usage serverAuth"}
	RuleCAFlag = Rule{ID: "ca-flag", Severity: Warning,
		Breaks: "Firefox, NSS and rustls, which accept no CA certificate from a server; clients that trust it also trust everything its key signs", Mend: "make a new certificate with the basic constraint CA:FALSE"}
	RuleCAKeyUsage = Rule{ID: "ca-key-usage", Severity: Error,
		Breaks: "every client of a server whose certificate this CA signs", Mend: mendCA}
	RuleCAKeyUsageMissing = Rule{ID: "ca-key-usage-missing", Severity: Warning,
		Breaks: strictly, Mend: mendCA}
	RuleCABasicConstraints = Rule{ID: "ca-basic-constraints", Severity: Warning,
		Breaks: strictly, Mend: mendCA}
	RuleCAKeyIdentifier = Rule{ID: "ca-key-identifier", Severity: Warning,
		Breaks: strictly, Mend: mendCA}
	RuleLongLife = Rule{ID: "long-life", Severity: Warning,
		Breaks: "Safari and other programs on Apple systems; private CAs are no exception", Mend: "make a new certificate for 365 days or less"}
	RuleShortSerial = Rule{ID: "short-serial", Severity: Warning,
		Breaks: "Firefox, if another certificate of this issuer has the same serial number", Mend: "make a new certificate with a random serial number of at least 64 bits"}
	RuleKnownKey = Rule{ID: "known-key", Severity: Error,
		Breaks: "security: anyone can impersonate this server and read its traffic; clients do not notice", Mend: "make a new key and certificate, and stop trusting this one"}
	RuleDeceptiveName = Rule{ID: "deceptive-name", Severity: Warning,
		Breaks: "people: the name is displayed as something else, and may contain terminal commands; programs are not affected", Mend: "find out who made it before you trust it; make a new certificate without these characters"}
	RuleCADoesNotVerify = Rule{ID: "ca-does-not-verify", Severity: Error,
		Breaks: "every client that uses this ca.crt", Mend: "put the root of this chain in ca.crt"}
)

// Rules returns the rules for a certificate, in the order in which [Target.Lint] reports them.
func Rules() []Rule {
	return []Rule{
		RuleUnreadable, RuleKeyMissing, RuleKeyEncrypted, RuleKeyMismatch, RuleKnownKey,
		RuleExpired, RuleNotYetValid, RuleDue, RuleLongLife,
		RuleNoSAN, RuleCNOnly, RuleNameNotCovered, RuleDeceptiveName,
		RuleChainOrder, RuleRootInChain, RuleMissingIntermediate, RuleUntrusted, RuleCADoesNotVerify, RuleNotPermitted,
		RuleWeakSignature, RuleWeakKey, RuleKeyUsage, RuleNoServerAuth, RuleCAFlag, RuleShortSerial,
		RuleCAKeyUsage, RuleCAKeyUsageMissing, RuleCABasicConstraints, RuleCAKeyIdentifier,
	}
}
