package provision

import (
	"bytes"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"time"

	"certgen/certs"
	"certgen/certs/pki"
)

// Request makes a key and a certificate signing request (RFC 2986) for a CA elsewhere. A key that the store holds is
// used again: the CA may be at work on a certificate for it. The request stands in the result's PEM.Cert, where the
// certificate will be. One that is there already, and asks for the same with the same key, is kept.
type Request struct {
	Request certs.Request
	KeptIn  string // where the key is kept, for people
}

// Decide makes the request, and the key where there is none.
func (m Request) Decide(held Held, _ time.Time) (Result, error) {
	if err := held.guard(m.Request); err != nil {
		return Result{}, err
	}
	existing := held.PEM
	r := Result{Action: Kept, PEM: pki.PEM{Key: existing.Key}}
	if len(existing.Key) == 0 {
		key, err := m.Request.GenerateKey()
		if err != nil {
			return Result{}, err
		}
		r.Action, r.Detail = Issued, fmt.Sprintf("a new key, %s", m.Request.Key)
		if r.PEM.Key, err = pki.EncodeKey(key); err != nil {
			return Result{}, err
		}
	}
	key, err := pki.ParseKey(r.PEM.Key)
	if err != nil {
		return Result{}, err
	}
	if have := pki.KeySpecOf(key.Public()); have != m.Request.Key {
		return Result{}, pki.WithHint(fmt.Errorf("%s holds a key of type %s, not %s", m.KeptIn, have, m.Request.Key), "choose another file, or --reissue to replace the key")
	}
	r.PEM.Cert, err = m.Request.CSR(key)
	if asksTheSame(existing.Cert, r.PEM.Cert) {
		r.PEM.Cert = existing.Cert
	}
	return r, err
}

// asksTheSame reports whether two requests differ in nothing but their signatures, which are random.
func asksTheSame(a, b []byte) bool {
	one, other := parseRequest(a), parseRequest(b)
	return one != nil && other != nil && bytes.Equal(one.RawTBSCertificateRequest, other.RawTBSCertificateRequest) && one.CheckSignature() == nil
}

// parseRequest reads a request in PEM; nil where text is none.
func parseRequest(text []byte) *x509.CertificateRequest {
	block, _ := pem.Decode(text)
	if block == nil {
		return nil
	}
	request, err := x509.ParseCertificateRequest(block.Bytes)
	if err != nil {
		return nil
	}
	return request
}
