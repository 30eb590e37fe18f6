package certs

import (
	"crypto"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/pem"
	"fmt"
	"math/bits"
	"net"

	"certgen/certs/pki"
)

// GenerateKey makes the private key that r asks for, for a [Request.CSR].
func (r Request) GenerateKey() (crypto.Signer, error) { return r.Key.Generate() }

// CSR returns the PKCS#10 request for r, signed with key, as PEM: what a CA outside needs to certify it.
// All names and usages of r are in it; whether the CA follows them is the CA's choice.
func (r Request) CSR(key crypto.Signer) ([]byte, error) {
	subject, err := pki.MarshalSubject(r.Subject)
	if err != nil {
		return nil, fmt.Errorf("encode the subject %s: %w", pki.FormatSubject(r.Subject), err)
	}
	usages, err := r.usageExtensions()
	if err != nil {
		return nil, err
	}
	template := &x509.CertificateRequest{
		RawSubject:      subject,
		DNSNames:        r.DNSNames,
		EmailAddresses:  r.EmailAddresses,
		URIs:            r.URIs,
		ExtraExtensions: usages,
	}
	for _, addr := range r.IPAddresses {
		template.IPAddresses = append(template.IPAddresses, net.IP(addr.AsSlice()))
	}
	der, err := x509.CreateCertificateRequest(rand.Reader, template, key)
	if err != nil {
		return nil, fmt.Errorf("sign the request: %w", err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE REQUEST", Bytes: der}), nil
}

// usageExtensions encodes key usage and extended key usage as RFC 5280 asks, because crypto/x509 does it
// for certificates only.
func (r Request) usageExtensions() ([]pkix.Extension, error) {
	usage := []byte{bits.Reverse8(byte(r.KeyUsage)), bits.Reverse8(byte(r.KeyUsage >> 8))}
	bitString := asn1.BitString{Bytes: usage[:1], BitLength: bits.Len(uint(r.KeyUsage))}
	if bitString.BitLength > 8 {
		bitString.Bytes = usage
	}
	key, err := asn1.Marshal(bitString)
	if err != nil {
		return nil, fmt.Errorf("encode the key usage: %w", err)
	}
	var oids []asn1.RawValue
	for _, ext := range r.ExtKeyUsages {
		oid, err := ext.OID().MarshalBinary()
		if err != nil {
			return nil, fmt.Errorf("encode the extended key usage: %w", err)
		}
		oids = append(oids, asn1.RawValue{Tag: asn1.TagOID, Bytes: oid})
	}
	ext, err := asn1.Marshal(oids)
	if err != nil {
		return nil, fmt.Errorf("encode the extended key usage: %w", err)
	}
	return []pkix.Extension{
		{Id: pki.OIDKeyUsage, Critical: true, Value: key},
		{Id: pki.OIDExtKeyUsage, Value: ext},
	}, nil
}
