package provision

import (
	"fmt"
	"time"

	"certgen/certs"
	"certgen/certs/pki"
)

// Request makes a key and a certificate signing request (RFC 2986) for a CA elsewhere. A key that the store holds is
// used again: the CA may be at work on a certificate for it. The request stands in the result's PEM.Cert, where the
// certificate will be.
type Request struct {
	Request certs.Request
	KeptIn  string // where the key is kept, for people
}

// Decide makes the request, and the key where there is none.
func (m Request) Decide(existing pki.PEM, _ time.Time) (Result, error) {
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
	return r, err
}
