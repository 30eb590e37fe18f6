package probe_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"testing"
	"time"
	"unicode/utf8"

	"certgen/certs/probe"
	"certgen/internal/faulty"
)

// recording is a server that says what it was told to, whatever it hears.
type recording struct{ io.Reader }

func (recording) Write(p []byte) (int, error)      { return len(p), nil }
func (recording) Close() error                     { return nil }
func (recording) LocalAddr() net.Addr              { return nil }
func (recording) RemoteAddr() net.Addr             { return nil }
func (recording) SetDeadline(time.Time) error      { return errors.New("it has no clock") }
func (recording) SetReadDeadline(time.Time) error  { return errors.New("it has no clock") }
func (recording) SetWriteDeadline(time.Time) error { return errors.New("it has no clock") }

// FuzzAsk: whatever a server says that shows no certificate is one finding, in words that can be shown.
func FuzzAsk(f *testing.F) {
	for _, said := range []string{
		"", "HTTP/1.1 400 Bad Request\r\n\r\n", "SSH-2.0-OpenSSH_9.2\r\n", "\x15\x03\x01\x00\x02\x02\x28", "\x15\x03\x01\x00\x02\x01\x70",
		"\x16\x03\x03\x00\x04\x0e\x00\x00\x00", "\x16\x03\x00\x00\x2a\x02\x00\x00\x26\x03\x00" + string(make([]byte, 36)), "\x80\x2e\x01\x00\x02", "\x00\x00\x12\x04\x00",
	} {
		f.Add([]byte(said))
	}
	f.Fuzz(func(t *testing.T, said []byte) {
		a := probe.Ask(t.Context(), func(context.Context) (net.Conn, error) { return recording{bytes.NewReader(said)}, nil }, faulty.Host)
		if len(a.Chain) == 0 && len(a.Findings) != 1 {
			t.Errorf("%q: %v", said, a.Findings)
		}
		for _, finding := range a.Findings {
			if finding.Detail == "" || len(finding.Detail) > 500 || !utf8.ValidString(finding.Detail) {
				t.Errorf("%q: %q", said, finding.Detail)
			}
		}
	})
}
