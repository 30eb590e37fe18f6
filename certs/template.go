package certs

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"fmt"
	"net"
	"time"

	"certgen/certs/pki"
)

// template turns r into what crypto/x509 signs. The serial number is left to crypto/x509: 159 random bits,
// where the CA/Browser Forum asks for 64.
func (r Request) template(pub crypto.PublicKey, latest, now time.Time) (*x509.Certificate, error) {
	subject, err := pki.MarshalSubject(r.Subject)
	if err != nil {
		return nil, fmt.Errorf("encode the subject %s: %w", pki.FormatSubject(r.Subject), err)
	}
	keyID, err := keyIdentifier(pub)
	if err != nil {
		return nil, err
	}
	notBefore := now.UTC().Truncate(time.Second).Add(-pki.Backdate)
	template := &x509.Certificate{
		RawSubject:            subject,
		NotBefore:             notBefore,
		NotAfter:              r.notAfter(notBefore, latest),
		DNSNames:              r.DNSNames,
		EmailAddresses:        r.EmailAddresses,
		URIs:                  r.URIs,
		KeyUsage:              r.KeyUsage,
		ExtKeyUsage:           r.ExtKeyUsages,
		BasicConstraintsValid: true, // and IsCA false: clients tell a leaf by it
		IsCA:                  r.IsCA,
		MaxPathLen:            -1,
		SubjectKeyId:          keyID,
	}
	for _, addr := range r.IPAddresses {
		template.IPAddresses = append(template.IPAddresses, net.IP(addr.AsSlice()))
	}
	if len(r.OtherNames) > 0 {
		names, err := r.subjectAltName()
		if err != nil {
			return nil, err
		}
		template.ExtraExtensions = append(template.ExtraExtensions, names)
	}
	if r.PathLength != nil {
		template.MaxPathLen, template.MaxPathLenZero = *r.PathLength, *r.PathLength == 0
	}
	r.NameConstraints.Constrain(template)
	return template, nil
}

// notAfter is when a certificate that starts at notBefore ends: after its duration, but no later than
// latest, where that is set, and never beyond what a certificate can name.
func (r Request) notAfter(notBefore, latest time.Time) time.Time {
	end := notBefore.Add(r.Duration)
	if !latest.IsZero() && latest.Before(end) {
		end = latest
	}
	if end.After(pki.LastNotAfter) {
		end = pki.LastNotAfter
	}
	return end
}

// keyIdentifier is RFC 7093's first method: the leftmost 160 bits of the SHA-256 of the public key.
// The older SHA-1 is refused where only FIPS-approved algorithms may run.
func keyIdentifier(pub crypto.PublicKey) ([]byte, error) {
	var bits []byte
	var err error
	switch pub := pub.(type) {
	case *ecdsa.PublicKey:
		bits, err = pub.Bytes()
	case *rsa.PublicKey:
		bits = x509.MarshalPKCS1PublicKey(pub)
	case ed25519.PublicKey:
		bits = pub
	default:
		err = fmt.Errorf("unknown kind %T", pub)
	}
	if err != nil {
		return nil, fmt.Errorf("identify the public key: %w", err)
	}
	sum := sha256.Sum256(bits)
	return sum[:20], nil
}

// rawSubject is the encoded subject, nil where it cannot be encoded, which [Issue] finds out later.
func (r Request) rawSubject() []byte {
	raw, err := pki.MarshalSubject(r.Subject)
	if err != nil {
		return nil
	}
	return raw
}
