package certs

import (
	"crypto/x509"
	"errors"
	"fmt"
	"time"
)

// Check holds a pair against what a client will do with it: the key belongs to the certificate, every
// host and address of r is matched by it, and the chain verifies up to the root, or as far as it is
// known. A TLS handshake would find nothing more, at four times the price of issuing.
func (p *KeyPair) Check(r Request, now time.Time) error {
	if !p.matches() {
		return errors.New("the key does not belong to the certificate")
	}
	for _, name := range r.DNSNames {
		if err := p.Leaf.VerifyHostname(name); err != nil {
			return err
		}
	}
	for _, addr := range r.IPAddresses {
		if err := p.Leaf.VerifyHostname(addr.String()); err != nil {
			return err
		}
	}
	if err := p.verify(now); err != nil {
		return fmt.Errorf("the chain does not verify: %w", err)
	}
	return nil
}

// verify builds the chain from the leaf to the root, or to the last intermediate where no root is known.
func (p *KeyPair) verify(now time.Time) error {
	roots, intermediates := x509.NewCertPool(), x509.NewCertPool()
	for _, c := range p.Intermediates {
		intermediates.AddCert(c)
	}
	switch {
	case p.Root != nil:
		roots.AddCert(p.Root)
	case len(p.Intermediates) > 0:
		roots.AddCert(p.Intermediates[len(p.Intermediates)-1])
	default:
		return nil
	}
	_, err := p.Leaf.Verify(x509.VerifyOptions{
		Roots:         roots,
		Intermediates: intermediates,
		CurrentTime:   now,
		KeyUsages:     p.Leaf.ExtKeyUsage,
	})
	return err
}
