package spec

import (
	"encoding/hex"
	"encoding/json"
	"fmt"

	"certgen/certs"
)

// Issuer is who signed a certificate: its own key, the CA in a Secret, or one that came from a file or from elsewhere.
type Issuer struct {
	SelfSigned bool   `json:"selfSigned,omitempty"`
	Namespace  string `json:"namespace,omitempty"` // of the CA's Secret; "" is the certificate's own
	SecretName string `json:"secretName,omitempty"`
	KeyID      string `json:"keyID,omitempty"` // the CA's subject key identifier, in hexadecimal
}

// recorded is the annotation's text.
type recorded struct {
	certs.Record
	Issuer Issuer `json:"issuer"`
}

// maxText bounds the annotation, in bytes: of the 256 KiB that an object has for all, most are its owner's. It has room
// for some 1,000 host names.
const maxText = 32 << 10

// Of writes what a certificate was asked for as and who signs it; from is where a CA was found, and its zero value is a file.
// It is "" where that would be too long: the certificate itself says nearly the same.
func Of(request certs.Request, issuer certs.Issuer, from Issuer) string {
	r := recorded{Record: request.Record(), Issuer: Issuer{Namespace: from.Namespace, SecretName: from.SecretName}}
	switch issuer := issuer.(type) {
	case certs.SelfSigned:
		r.Issuer = Issuer{SelfSigned: true}
	case *certs.CA:
		r.Issuer.KeyID = hex.EncodeToString(issuer.Certificate().SubjectKeyId)
	}
	text, err := json.Marshal(r)
	if err != nil || len(text) > maxText {
		return ""
	}
	return string(text)
}

// Parse reads what [Of] wrote. The error says what is wrong with it; nobody but certgen is to write it.
func Parse(text string) (certs.Request, Issuer, error) {
	if len(text) > maxText {
		return certs.Request{}, Issuer{}, fmt.Errorf("%d bytes, at most %d are read", len(text), maxText)
	}
	var r recorded
	if err := json.Unmarshal([]byte(text), &r); err != nil {
		return certs.Request{}, Issuer{}, fmt.Errorf("not what certgen writes: %w", err)
	}
	request, err := r.Request()
	return request, r.Issuer, err
}
