package report

import (
	"crypto/tls"
	"fmt"
	"time"

	"certgen/certs/probe"
)

// Server is how a certificate was served. All but Name is missing where none was.
type Server struct {
	Name        string `json:"name"` // that was asked for
	TLS         string `json:"tls,omitempty"`
	CipherSuite string `json:"cipherSuite,omitempty"`
	Latency     string `json:"latency,omitempty"` // from connecting to the end of the handshake, as a Go duration
	AsksClient  bool   `json:"asksForClientCertificate,omitempty"`
}

// NewServer puts the answer of a server that was asked for name into a report.
func NewServer(name string, a probe.Answer) *Server {
	if len(a.Chain) == 0 {
		return &Server{Name: name}
	}
	return &Server{name, tls.VersionName(a.Version), tls.CipherSuiteName(a.CipherSuite), a.Latency.Round(100 * time.Microsecond).String(), a.AsksClient}
}

// String is the server on one line.
func (s *Server) String() string {
	text := fmt.Sprintf("as %s, with %s and %s, after %s", s.Name, s.TLS, s.CipherSuite, s.Latency)
	if s.AsksClient {
		text += "; it asks for a client certificate"
	}
	return text
}
