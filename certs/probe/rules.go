package probe

import "certgen/certs/lint"

// The rules for how a server serves, in the order in which they are reported. What each says of clients is
// shown to be true by the tests.
var (
	RuleUnreachable = lint.Rule{ID: "unreachable", Severity: lint.Error,
		Breaks: "every client on this network", Mend: "check the name, the port and the firewall, and that the server is running"}
	RuleStalled = lint.Rule{ID: "stalled", Severity: lint.Error,
		Breaks: "every client: each waits until it times out", Mend: "check whether the server is overloaded, hangs, or expects another protocol; --timeout sets how long certgen waits"}
	RuleReset = lint.Rule{ID: "reset", Severity: lint.Error,
		Breaks: "every client", Mend: "check the server's log; a proxy without a working backend does this too"}
	RulePlainHTTP = lint.Rule{ID: "plain-http", Severity: lint.Error,
		Breaks: "every client that uses https", Mend: "enable TLS on this port (nginx: listen PORT ssl), or use the port that has it"}
	RuleNotTLS = lint.Rule{ID: "not-tls", Severity: lint.Error,
		Breaks: "every client", Mend: "use a port where the server speaks TLS from the first byte; STARTTLS is not supported"}
	RuleOldTLS = lint.Rule{ID: "old-tls", Severity: lint.Error,
		Breaks: "curl, Go, Java, Node, OpenSSL 3, Python and browsers; GnuTLS and NSS still accept it", Mend: "enable TLS 1.2 and 1.3 (nginx: ssl_protocols TLSv1.2 TLSv1.3)"}
	RuleOldCipher = lint.Rule{ID: "old-cipher", Severity: lint.Error,
		Breaks: "Go and Python; others still accept it, without forward secrecy", Mend: "enable TLS 1.3, or cipher suites whose names start with ECDHE"}
	RuleClientCertificate = lint.Rule{ID: "client-certificate", Severity: lint.Warning,
		Breaks: "every client without a certificate that the server trusts", Mend: "give clients a certificate, or make client certificates optional (nginx: ssl_verify_client optional)"}
	RuleHandshakeRefused = lint.Rule{ID: "handshake-refused", Severity: lint.Error,
		Breaks: "every client that connects this way", Mend: "check the server's log: it may not know the name, have no certificate, or share no cipher suite with Go"}
	RuleHandshakeInvalid = lint.Rule{ID: "handshake-invalid", Severity: lint.Error,
		Breaks: "every client", Mend: "check that the server uses the private key of its certificate, and any proxy in front of it"}
	RuleCertificateMalformed = lint.Rule{ID: "certificate-malformed", Severity: lint.Error,
		Breaks: "Go; other clients may accept it", Mend: "make a new certificate with another program"}
)

// Rules returns the rules for how a server serves, in the order in which [Ask] reports them.
func Rules() []lint.Rule {
	return []lint.Rule{
		RuleUnreachable, RuleStalled, RuleReset, RulePlainHTTP, RuleNotTLS, RuleOldTLS, RuleOldCipher,
		RuleClientCertificate, RuleHandshakeRefused, RuleHandshakeInvalid, RuleCertificateMalformed,
	}
}
