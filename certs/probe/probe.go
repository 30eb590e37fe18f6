package probe

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"net"
	"slices"
	"time"

	"certgen/certs/lint"
)

// Dial opens a connection to a server, by whatever path. It returns when ctx ends.
type Dial func(ctx context.Context) (net.Conn, error)

// Answer is what a server showed in a handshake.
type Answer struct {
	Chain       []*x509.Certificate // as sent; empty where none came
	Version     uint16              // [tls.VersionTLS13] and so on; 0 where no certificate came
	CipherSuite uint16              // as in [tls.CipherSuiteName]; 0 where no certificate came
	Latency     time.Duration       // from dialing to the end of the handshake
	AsksClient  bool                // for a certificate, whether or not it insists on one
	Findings    []lint.Finding      // what is wrong with how it serves
}

// Ask shakes hands as clients of today do, with serverName as SNI, which is left out where it is an IP
// address. Where the server refuses that, Ask shakes hands once more, with all the old versions and ciphers
// that crypto/tls knows: the certificate is to be read even so. When ctx ends, both do.
func Ask(ctx context.Context, dial Dial, serverName string) Answer {
	// The certificate is judged by others, and read even when it is bad.
	today := &tls.Config{ServerName: serverName, InsecureSkipVerify: true}
	first, retry := shake(ctx, dial, today)
	if !retry {
		return first
	}
	old := today.Clone()
	old.MinVersion = tls.VersionTLS10
	for _, suite := range slices.Concat(tls.CipherSuites(), tls.InsecureCipherSuites()) {
		old.CipherSuites = append(old.CipherSuites, suite.ID)
	}
	second, _ := shake(ctx, dial, old)
	var why []lint.Finding
	switch {
	case len(second.Chain) == 0:
		return first
	case second.Version < tls.VersionTLS12:
		why = []lint.Finding{RuleOldTLS.Found("it speaks %s, and nothing newer", tls.VersionName(second.Version))}
	case insecure(second.CipherSuite):
		why = []lint.Finding{RuleOldCipher.Found("it agrees on %s, and on none of today's ciphers", tls.CipherSuiteName(second.CipherSuite))}
	default:
		why = first.Findings
	}
	second.Findings = append(why, second.Findings...)
	return second
}

// insecure reports whether clients of today do without a cipher suite.
func insecure(id uint16) bool {
	return slices.ContainsFunc(tls.InsecureCipherSuites(), func(s *tls.CipherSuite) bool { return s.ID == id })
}

// shake shakes hands once, and says whether the server may be content with an older handshake.
func shake(ctx context.Context, dial Dial, config *tls.Config) (a Answer, retry bool) {
	start := time.Now()
	conn, err := dial(ctx)
	if err != nil {
		a.Findings = []lint.Finding{RuleUnreachable.Found("%s", unreachable(ctx, err))}
		return a, false
	}
	defer conn.Close()
	// A connection need not know deadlines, and a server need not read what it is sent.
	stop := context.AfterFunc(ctx, func() { conn.Close() })
	defer stop()
	config = config.Clone()
	config.GetClientCertificate = func(*tls.CertificateRequestInfo) (*tls.Certificate, error) {
		a.AsksClient = true
		return &tls.Certificate{}, nil
	}
	heard := &listener{Conn: conn}
	client := tls.Client(heard, config)
	err = client.HandshakeContext(ctx)
	a.Latency = time.Since(start)
	state := client.ConnectionState()
	if a.Chain = state.PeerCertificates; len(a.Chain) > 0 {
		a.Version, a.CipherSuite = state.Version, state.CipherSuite
	}
	switch {
	case err != nil:
		found := heard.fault(ctx, err, a.AsksClient)
		a.Findings = []lint.Finding{found}
		return a, len(a.Chain) == 0 && slices.Contains([]lint.Rule{RuleHandshakeRefused, RuleHandshakeInvalid, RuleReset}, found.Rule)
	case a.AsksClient:
		if how := refusal(ctx, client, config.ServerName, a.Latency); how != "" {
			a.Findings = []lint.Finding{RuleClientCertificate.Found("it %s", how)}
		}
	}
	client.Close()
	return a, false
}
