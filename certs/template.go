package certs

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"fmt"
	"net"
	"time"
)

// template turns r into what crypto/x509 signs. The serial number is left to crypto/x509: 159 random bits,
// where the CA/Browser Forum asks for 64.
func (r Request) template(pub crypto.PublicKey, latest, now time.Time) (*x509.Certificate, error) {
	subject, err := marshalSubject(r.Subject)
	if err != nil {
		return nil, fmt.Errorf("encode the subject %s: %w", FormatSubject(r.Subject), err)
	}
	keyID, err := keyIdentifier(pub)
	if err != nil {
		return nil, err
	}
	notBefore := now.UTC().Truncate(time.Second).Add(-Backdate)
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
		SubjectKeyId:          keyID,
	}
	for _, addr := range r.IPAddresses {
		template.IPAddresses = append(template.IPAddresses, net.IP(addr.AsSlice()))
	}
	return template, nil
}

// notAfter is when a certificate that starts at notBefore ends: after its duration, but no later than
// latest, where that is set, and never beyond what a certificate can name.
func (r Request) notAfter(notBefore, latest time.Time) time.Time {
	end := notBefore.Add(r.Duration)
	if !latest.IsZero() && latest.Before(end) {
		end = latest
	}
	if end.After(lastNotAfter) {
		end = lastNotAfter
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

// marshalSubject encodes a name. encoding/asn1 chooses PrintableString or UTF8String as RFC 5280 asks,
// but domain components and e-mail addresses are IA5String there.
func marshalSubject(name pkix.RDNSequence) ([]byte, error) {
	encoded := make(pkix.RDNSequence, len(name))
	for i, rdn := range name {
		for _, atv := range rdn {
			if text, ok := atv.Value.(string); ok && (atv.Type.Equal(oidDomainComponent) || atv.Type.Equal(oidEmailAddress)) {
				atv.Value = asn1.RawValue{Tag: asn1.TagIA5String, Bytes: []byte(text)}
			}
			encoded[i] = append(encoded[i], atv)
		}
	}
	return asn1.Marshal(encoded)
}

// rawSubject is the encoded subject, nil where it cannot be encoded, which [Issue] finds out later.
func (r Request) rawSubject() []byte {
	raw, err := marshalSubject(r.Subject)
	if err != nil {
		return nil
	}
	return raw
}

// FormatName writes a DER-encoded distinguished name, such as [x509.Certificate.RawIssuer], as RFC 4514
// text; "" where it is not one.
func FormatName(raw []byte) string {
	var name pkix.RDNSequence
	if _, err := asn1.Unmarshal(raw, &name); err != nil {
		return ""
	}
	return FormatSubject(name)
}
