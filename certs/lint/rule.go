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
	Source   string // where it is written that it is wrong; "" where only clients say so
	Strict   bool   // RFC 5280 forbids it: an error with [Strict] and [Public], whoever minds
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

// onlyGo is the rule for a path that crypto/x509 alone accepts.
func (r Rule) onlyGo() Rule {
	r.Breaks = "curl, GnuTLS, Java, Node, NSS, OpenSSL and Python; Go accepts it: for mailboxes and URIs it takes in the hosts below a domain"
	return r
}

// butFew is the rule for names and constraints that are more than some clients compare.
func (r Rule) butFew() Rule {
	r.Breaks = "curl, GnuTLS, Java, Node, OpenSSL and Python, whose bounds it goes beyond; OpenSSL compares no more than 1,048,576 names with constraints, Go and NSS do not count"
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
	RuleChainOrder = Rule{ID: "chain-order", Severity: Error, Source: "RFC 8446, section 4.4.2",
		Breaks: "servers, if the server's certificate is not first: nginx and Go's servers do not start; clients accept the rest in any order", Mend: "put the server's certificate first, then each issuer: certgen create NAME --cert FILE --key FILE sorts the chain"}
	RuleRootInChain = Rule{ID: "root-in-chain", Severity: Warning, Source: "RFC 8446, section 4.4.2",
		Breaks: "nobody; every handshake is larger than it needs to be", Mend: "remove the root from tls.crt; it belongs in ca.crt"}
	RuleMissingIntermediate = Rule{ID: "missing-intermediate", Severity: Error, Source: "RFC 5280, section 6.1",
		Breaks: "every client; some browsers download the missing certificate and hide the problem", Mend: "add the issuer's certificate after the server's; if the issuer is the root, put it in ca.crt, or name it with certgen verify --ca if clients already have it"}
	RuleUntrusted = Rule{ID: "untrusted", Severity: Error, Source: "RFC 5280, section 6.1",
		Breaks: "every client that does not trust the issuer already", Mend: "give clients the right root, or have the certificate signed by a CA that they trust"}
	RuleNotPermitted = Rule{ID: "not-permitted", Severity: Error, Source: "RFC 5280, sections 4.2.1.9, 4.2.1.10 and 4.2.1.12",
		Breaks: "every client: all check the name constraints and path lengths of CAs", Mend: "have it signed by a CA that is allowed to sign it"}
	RuleExpired = Rule{ID: "expired", Severity: Error, Source: "RFC 5280, section 4.1.2.5",
		Breaks: "every client", Mend: makeNewOne}
	RuleNotYetValid = Rule{ID: "not-yet-valid", Severity: Error, Source: "RFC 5280, section 4.1.2.5",
		Breaks: "every client", Mend: "wait until then, or check the clock of the machine that made it"}
	RuleDue = Rule{ID: "due-for-renewal", Severity: Warning,
		Breaks: "nobody yet", Mend: "renew it: run the certgen command that made it again"}
	RuleNoSAN = Rule{ID: "no-san", Severity: Error, Source: "RFC 9525, section 6.3",
		Breaks: "every client: there is no name to match", Mend: "make a new certificate with the hosts in its subject alternative names"}
	RuleCNOnly = Rule{ID: "cn-only", Severity: Error, Source: "RFC 9525, section 6.3",
		Breaks: "Go and browsers, which follow RFC 9525; curl, GnuTLS, Java, Node, NSS, OpenSSL and Python still match the common name", Mend: "make a new certificate with the hosts in its subject alternative names"}
	RuleNameNotCovered = Rule{ID: "name-not-covered", Severity: Error, Source: "RFC 9525, section 6.3",
		Breaks: "every client that uses this name", Mend: "make a new certificate that includes this name"}
	RuleWeakSignature = Rule{ID: "weak-signature", Severity: Error, Source: "RFC 9155",
		Breaks: "curl, GnuTLS, Go, Node, OpenSSL 3, Python and browsers, if a CA signed it; Java refuses it from public CAs only", Mend: "have it signed with SHA-256 or better"}
	RuleWeakKey = Rule{ID: "weak-key", Severity: Error, Source: "https://www.openssl.org/docs/man3.0/man3/SSL_CTX_set_security_level.html",
		Breaks: "curl, OpenSSL 3 and Python with the default settings of Linux distributions, and browsers; GnuTLS, Go, Java, Node and NSS still accept RSA with 1024 bits", Mend: "make a new key: ECDSA P-256, or RSA with 2048 to 8192 bits"}
	RuleKeyUsage = Rule{ID: "key-usage", Severity: Warning, Source: "RFC 5280, section 4.2.1.3",
		Breaks: "GnuTLS and Java, if digitalSignature is missing; encipherment with an elliptic-curve key is reported by linters only", Mend: "make a new certificate with the key usage digitalSignature, and keyEncipherment only for an RSA key"}
	RuleNoServerAuth = Rule{ID: "no-server-auth", Severity: Error, Source: "RFC 5280, section 4.2.1.12",
		Breaks: "every client", Mend: "make a new certificate with the extended key usage serverAuth"}
	RuleNoClientAuth = Rule{ID: "no-client-auth", Severity: Error, Source: "RFC 5280, section 4.2.1.12",
		Breaks: "servers: every one that asks for client certificates", Mend: "make a new certificate with the extended key usage clientAuth"}
	RuleNotCA = Rule{ID: "not-a-ca", Severity: Error, Source: "RFC 5280, section 4.2.1.9",
		Breaks: "clients of servers whose certificates it signs: all of them refuse", Mend: mendCA}
	RuleGoRefuses = Rule{ID: "go-refuses", Severity: Warning, Source: "RFC 5280, section 6.1",
		Breaks: "Go, and programs written in it: kubectl, Kubernetes, Docker, Prometheus; others accept it, as RFC 5280 permits", Mend: "have it signed by a CA whose certificate is as it says, if programs written in Go are to be clients"}
	RuleCAFlag = Rule{ID: "ca-flag", Severity: Warning, Source: "RFC 5280, section 4.2.1.9",
		Breaks: "Firefox, NSS and rustls, which accept no CA certificate from a server; clients that trust it also trust everything its key signs", Mend: "make a new certificate with the basic constraint CA:FALSE"}
	RuleLongLife = Rule{ID: "long-life", Severity: Warning, Source: "https://support.apple.com/en-us/103769",
		Breaks: "Safari and other programs on Apple systems; private CAs are no exception", Mend: "make a new certificate for 365 days or less"}
	RuleShortSerial = Rule{ID: "short-serial", Severity: Warning, Source: "CA/Browser Forum, Baseline Requirements, section 7.1",
		Breaks: "Firefox, if another certificate of this issuer has the same serial number", Mend: "make a new certificate with a random serial number of at least 64 bits"}
	RuleKnownKey = Rule{ID: "known-key", Severity: Error,
		Breaks: "security: anyone can impersonate this server and read its traffic; clients do not notice", Mend: "make a new key and certificate, and stop trusting this one"}
	RuleRevoked = Rule{ID: "revoked", Severity: Error, Source: "RFC 5280, section 5",
		Breaks: "clients that look for revocations; the others do not notice: most programs look only if they are told to", Mend: "make a new certificate with a new key, and find out why the old one was revoked"}
	RuleCRLInvalid = Rule{ID: "crl-invalid", Severity: Error, Source: "RFC 5280, section 6.3.3",
		Breaks: "clients that are given this list, as nginx and HAProxy are; they refuse what they cannot check", Mend: "have the list made again by the CA that issued the certificate"}
	RuleCRLStale = Rule{ID: "crl-stale", Severity: Error, Source: "RFC 5280, section 5.1.2.5",
		Breaks: "clients that are given this list, as nginx and HAProxy are; they refuse all that the CA issued", Mend: "fetch or make a newer list"}
	RuleCRLNumber = Rule{ID: "crl-number", Severity: Warning, Strict: true, Source: "RFC 5280, section 5.2.3",
		Breaks: linters, Mend: "have the list made again with a number that is not critical"}
	RuleCADoesNotVerify = Rule{ID: "ca-does-not-verify", Severity: Error, Source: "RFC 5280, section 6.1",
		Breaks: "every client that uses this ca.crt", Mend: "put the root of this chain in ca.crt"}
)
