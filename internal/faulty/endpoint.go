package faulty

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"io"
	"log"
	"net"
	"net/http"

	"certgen/certs/pki"
)

// Endpoint is a server of this machine with one fault in how it serves. Its certificate is sound, and is for
// [Host].
type Endpoint struct {
	ID      string // of the finding; "" where it has no fault
	How     string // which of the ways to have it
	Address string // host:port
	Version uint16 // of TLS, which it is up to to show its certificate; 0 where it shows none
}

// Endpoints starts a server for each fault, and for some more than one. They end with the test.
func (m *Maker) Endpoints() []Endpoint {
	sound := m.loaded(m.Sound())
	rsaPair := m.loaded(m.chained(forRSA, m.rsaKey(2048)))
	endpoints := []Endpoint{{ID: "unreachable", How: "connection refused", Address: m.deadPort()}}
	raw := func(id, how string, serve func(*net.TCPConn)) {
		endpoints = append(endpoints, Endpoint{ID: id, How: how, Address: m.serveRaw(serve)})
	}
	over := func(id, how string, version uint16, config *tls.Config) {
		if config.Certificates == nil && config.GetCertificate == nil {
			config.Certificates = []tls.Certificate{sound}
		}
		endpoints = append(endpoints, Endpoint{ID: id, How: how, Address: m.serveTLS(config), Version: version})
	}
	raw("stalled", "it says nothing", func(c *net.TCPConn) { hold(c) })
	raw("stalled", "it stops in the handshake", func(c *net.TCPConn) {
		hear(c)
		io.WriteString(c, "\x16\x03\x03\x00\x7a\x02\x00\x00") // a ServerHello's start
		hold(c)
	})
	raw("reset", "it closes the connection", func(c *net.TCPConn) { hear(c) })
	raw("reset", "it resets the connection", func(c *net.TCPConn) {
		hear(c)
		_ = c.SetLinger(0) // a connection that is gone already is what is wanted
	})
	endpoints = append(endpoints, Endpoint{ID: "plain-http", How: "plain HTTP", Address: m.serveHTTP(m.listen())})
	banner := func(how, text string) {
		raw("not-tls", how, func(c *net.TCPConn) {
			io.WriteString(c, text)
			hear(c)
		})
	}
	banner("SMTP", "220 mail.example ESMTP ready\r\n")
	banner("SSH", "SSH-2.0-OpenSSH_9.2\r\n")
	banner("a word", "no\n")
	over("old-tls", "TLS 1.0", tls.VersionTLS10, &tls.Config{MinVersion: tls.VersionTLS10, MaxVersion: tls.VersionTLS10})
	over("old-tls", "TLS 1.1", tls.VersionTLS11, &tls.Config{MinVersion: tls.VersionTLS10, MaxVersion: tls.VersionTLS11})
	over("old-cipher", "RSA key exchange", tls.VersionTLS12, &tls.Config{
		Certificates: []tls.Certificate{rsaPair}, MaxVersion: tls.VersionTLS12, CipherSuites: []uint16{tls.TLS_RSA_WITH_AES_128_GCM_SHA256},
	})
	over("client-certificate", "TLS 1.2", tls.VersionTLS12, &tls.Config{ClientAuth: tls.RequireAnyClientCert, MaxVersion: tls.VersionTLS12})
	over("client-certificate", "TLS 1.3", tls.VersionTLS13, &tls.Config{ClientAuth: tls.RequireAnyClientCert, MinVersion: tls.VersionTLS13})
	over("", "it asks for a client certificate in TLS 1.2", tls.VersionTLS12, &tls.Config{ClientAuth: tls.RequestClientCert, MaxVersion: tls.VersionTLS12})
	over("", "it asks for a client certificate in TLS 1.3", tls.VersionTLS13, &tls.Config{ClientAuth: tls.RequestClientCert})
	over("handshake-refused", "unknown name", 0, &tls.Config{GetCertificate: func(*tls.ClientHelloInfo) (*tls.Certificate, error) { return nil, nil }})
	forged := sound
	forged.PrivateKey = m.ecdsaKey()
	over("handshake-invalid", "another's key", tls.VersionTLS13, &tls.Config{Certificates: []tls.Certificate{forged}})
	over("certificate-malformed", "negative serial number", 0, &tls.Config{Certificates: []tls.Certificate{m.malformed()}})
	return endpoints
}

func (m *Maker) loaded(pair pki.PEM) tls.Certificate {
	loaded, err := tls.X509KeyPair(pair.Cert, pair.Key)
	m.check(err)
	return loaded
}

// malformed is a pair whose certificate has a negative serial number, which crypto/x509 does not read.
func (m *Maker) malformed() tls.Certificate {
	pair := m.loaded(m.Sound())
	c, err := x509.ParseCertificate(pair.Certificate[0])
	m.check(err)
	tbs := bytes.Clone(c.RawTBSCertificate)
	const serial = 4 + 5 + 2 // behind the heads of TBSCertificate, version and serialNumber
	if tbs[serial-2] != asn1.TagInteger {
		m.t.Fatal("the certificate has another form than expected")
	}
	tbs[serial] |= 0x80
	der := m.signed(tbs, c.Raw, m.Intermediate)
	if _, err := x509.ParseCertificate(der); err == nil {
		m.t.Fatal("crypto/x509 reads a negative serial number")
	}
	return tls.Certificate{Certificate: [][]byte{der, m.Intermediate.Certificate.Raw}, PrivateKey: pair.PrivateKey}
}

// signed is the certificate with another body, signed again.
func (m *Maker) signed(tbs, certificate []byte, by *Authority) []byte {
	var c struct {
		TBS       asn1.RawValue
		Algorithm pkix.AlgorithmIdentifier
		Signature asn1.BitString
	}
	_, err := asn1.Unmarshal(certificate, &c)
	m.check(err)
	hash := sha256.Sum256(tbs)
	signature, err := ecdsa.SignASN1(rand.Reader, by.Key.(*ecdsa.PrivateKey), hash[:])
	m.check(err)
	c.TBS = asn1.RawValue{FullBytes: tbs}
	c.Signature = asn1.BitString{Bytes: signature, BitLength: 8 * len(signature)}
	der, err := asn1.Marshal(c)
	m.check(err)
	return der
}

func (m *Maker) listen() net.Listener {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	m.check(err)
	m.t.Cleanup(func() { l.Close() })
	return l
}

// deadPort is an address where nobody listens, nor will: it is the client's end of a connection.
func (m *Maker) deadPort() (address string) {
	conn, err := net.Dial("tcp", m.serveRaw(func(c *net.TCPConn) { hold(c) }))
	m.check(err)
	m.t.Cleanup(func() { conn.Close() })
	return conn.LocalAddr().String()
}

// serveTLS serves "hello" over HTTPS.
func (m *Maker) serveTLS(config *tls.Config) (address string) {
	return m.serveHTTP(tls.NewListener(m.listen(), config))
}

func (m *Maker) serveHTTP(l net.Listener) (address string) {
	server := &http.Server{
		Handler:  http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "hello") }),
		ErrorLog: log.New(io.Discard, "", 0), // of handshakes that are meant to fail
	}
	go func() { _ = server.Serve(l) }() // until it is closed
	m.t.Cleanup(func() { server.Close() })
	return l.Addr().String()
}

// serveRaw serves each connection with a function, and then closes it.
func (m *Maker) serveRaw(serve func(*net.TCPConn)) (address string) {
	l := m.listen()
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return // the test has ended
			}
			go func() {
				defer conn.Close()
				serve(conn.(*net.TCPConn))
			}()
		}
	}()
	return l.Addr().String()
}

// hear reads what a client says first.
func hear(c net.Conn) { _, _ = c.Read(make([]byte, 16<<10)) }

// hold waits until a client gives up.
func hold(c net.Conn) { _, _ = io.Copy(io.Discard, c) }
