package probe

import "certgen/certs/lint"

// The rules for how a server serves, in the order in which they are reported. What each says of clients is
// shown to be true by the tests.
var (
	RuleUnreachable = lint.Rule{ID: "unreachable", Severity: lint.Error,
		Breaks: "every client on this network", Mend: "check the name, the port, the firewall, and that the server runs"}
	RuleStalled = lint.Rule{ID: "stalled", Severity: lint.Error,
		Breaks: "every client: each waits until it gives up", Mend: "see whether the server is overloaded, or hangs, or waits for another protocol; --timeout sets how long certgen waits"}
	RuleReset = lint.Rule{ID: "reset", Severity: lint.Error,
		Breaks: "every client", Mend: "look into the server's log; a proxy without a working backend behind it does this, too"}
	RulePlainHTTP = lint.Rule{ID: "plain-http", Severity: lint.Error,
		Breaks: "every client that is told https", Mend: "switch TLS on for this port (nginx: listen PORT ssl), or use the port that has it"}
	RuleNotTLS = lint.Rule{ID: "not-tls", Severity: lint.Error,
		Breaks: "every client", Mend: "use the port where the server speaks TLS from the first byte; STARTTLS is another thing"}
	RuleOldTLS = lint.Rule{ID: "old-tls", Severity: lint.Error,
		Breaks: "curl, Go, Java, Node, OpenSSL 3, Python and browsers; GnuTLS and NSS still speak it", Mend: "switch on TLS 1.2 and 1.3 (nginx: ssl_protocols TLSv1.2 TLSv1.3)"}
	RuleOldCipher = lint.Rule{ID: "old-cipher", Severity: lint.Error,
		Breaks: "Go and Python; others still take it, without forward secrecy", Mend: "switch on TLS 1.3, or ciphers whose names begin with ECDHE"}
	RuleClientCertificate = lint.Rule{ID: "client-certificate", Severity: lint.Warning,
		Breaks: "every client without a certificate that the server trusts", Mend: "give clients a certificate, or have the server ask without insisting (nginx: ssl_verify_client optional)"}
	RuleHandshakeRefused = lint.Rule{ID: "handshake-refused", Severity: lint.Error,
		Breaks: "every client that asks in this way", Mend: "look into the server's log: it may not know the name, have no certificate, or no cipher in common with Go"}
	RuleHandshakeInvalid = lint.Rule{ID: "handshake-invalid", Severity: lint.Error,
		Breaks: "every client", Mend: "see that the server uses the private key of its certificate, and what stands between it and its clients"}
	RuleCertificateMalformed = lint.Rule{ID: "certificate-malformed", Severity: lint.Error,
		Breaks: "Go; others read what they can, each in its own way", Mend: "make a new certificate, with another program than this one"}
)

// Rules returns the rules for how a server serves, in the order in which [Ask] reports them.
func Rules() []lint.Rule {
	return []lint.Rule{
		RuleUnreachable, RuleStalled, RuleReset, RulePlainHTTP, RuleNotTLS, RuleOldTLS, RuleOldCipher,
		RuleClientCertificate, RuleHandshakeRefused, RuleHandshakeInvalid, RuleCertificateMalformed,
	}
}
