package probe

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"os"
	"strings"
	"syscall"

	"certgen/certs/lint"
)

// listener keeps the first bytes that a server says: they tell what it speaks where that is not TLS.
type listener struct {
	net.Conn
	heard []byte
}

// maxHeard is how much of it is kept, and shown: a banner's start.
const maxHeard = 40

func (l *listener) Read(p []byte) (int, error) {
	n, err := l.Conn.Read(p)
	if room := maxHeard - len(l.heard); room > 0 {
		l.heard = append(l.heard, p[:min(n, room)]...)
	}
	return n, err
}

// isTLS reports whether what was heard begins as an answer in TLS does: with a record of a handshake or an
// alert (RFC 8446, section 5.1).
func (l *listener) isTLS() bool {
	const alert, handshake, majorVersion = 21, 22, 3
	return (l.heard[0] == alert || l.heard[0] == handshake) && (len(l.heard) == 1 || l.heard[1] == majorVersion)
}

// fault says why a handshake failed; asked is whether the server wanted a certificate.
func (l *listener) fault(ctx context.Context, err error, asked bool) lint.Finding {
	// crypto/tls has no types for these.
	text := strings.TrimPrefix(err.Error(), "tls: ")
	unparsed, malformed := strings.CutPrefix(text, "failed to parse certificate from server: ")
	alert := alertIn(err)
	var op *net.OpError
	switch {
	case errors.As(err, &op) && op.Op == "dial": // some ways connect only when something is sent
		return RuleUnreachable.Found("%s", unreachable(ctx, err))
	case bytes.HasPrefix(l.heard, []byte("HTTP/")):
		return RulePlainHTTP.Found("it answers with plain HTTP")
	case len(l.heard) > 0 && !l.isTLS():
		return RuleNotTLS.Found("it does not speak TLS, its answer begins with %q", l.heard)
	case ctx.Err() != nil && len(l.heard) == 0:
		return RuleStalled.Found("it takes the connection and then says nothing")
	case ctx.Err() != nil:
		return RuleStalled.Found("it stops in the middle of the handshake")
	case asked && alert != "":
		return RuleClientCertificate.Found("it answers with the alert %q when it gets no client certificate", alert)
	case alert != "":
		return RuleHandshakeRefused.Found("it answers with the alert %q", alert)
	case asked && isClosed(err):
		return RuleClientCertificate.Found("it closes the connection when it gets no client certificate")
	case isClosed(err):
		return RuleReset.Found("it closes the connection in the handshake")
	case malformed:
		return RuleCertificateMalformed.Found("the certificate that it sends cannot be read: %s", strings.TrimPrefix(unparsed, "x509: "))
	case strings.HasPrefix(text, "server sent certificate containing RSA key larger"):
		return lint.RuleWeakKey.Found("the certificate that it sends has an RSA key of more than 8192 bits")
	}
	return RuleHandshakeInvalid.Found("what it sends is not valid: %s", text)
}

// alertIn is the alert of the server that err is, in words; "" where it is none.
func alertIn(err error) string {
	var op *net.OpError
	if errors.As(err, &op) && op.Op == "remote error" {
		return strings.TrimPrefix(op.Err.Error(), "tls: ")
	}
	return ""
}

// isClosed reports whether the other side ended the connection.
func isClosed(err error) bool {
	var op *net.OpError
	return errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, syscall.ECONNRESET) ||
		errors.As(err, &op) && (op.Op == "read" || op.Op == "write")
}

// unreachable says why a connection failed. Whoever asked knows the address.
func unreachable(ctx context.Context, err error) string {
	var dns *net.DNSError
	var op *net.OpError
	var call *os.SyscallError
	var timed interface{ Timeout() bool }
	switch {
	case errors.As(err, &dns):
		return dns.Name + ": " + dns.Err
	case ctx.Err() != nil, errors.As(err, &timed) && timed.Timeout(): // a dialer may look at the clock before ctx does
		return "it does not take the connection in time"
	case errors.As(err, &call):
		return call.Err.Error()
	case errors.As(err, &op):
		return op.Err.Error()
	}
	return err.Error()
}
