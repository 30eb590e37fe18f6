package revocation

import (
	"crypto/x509"
	"encoding/asn1"
	"errors"
	"fmt"
	"hash/maphash"
	"math/big"
	"slices"
	"sync/atomic"
	"time"

	"certgen/certs/chain"
	"certgen/certs/pki"
)

// List is a revocation list, without what it says of each certificate.
type List struct {
	Name                   string // of the file
	Issuer                 []byte // DER
	ThisUpdate, NextUpdate time.Time

	numbered, numberCritical bool
	critical                 asn1.ObjectIdentifier // an extension that keeps it from being used as it is; nil
	signed                   signed
	consulted                atomic.Bool
	seed                     maphash.Seed
	serials                  [][]uint64 // see [List.digest], sorted in pieces: one that grows would be copied
}

// digest is what is kept of a serial number. That another of a million has the same happens once in 10^13.
func (l *List) digest(serial []byte) uint64 { return maphash.Bytes(l.seed, serial) }

const pieceSize = 1 << 16

func (l *List) add(serial []byte) {
	last := len(l.serials) - 1
	if last < 0 || len(l.serials[last]) == pieceSize {
		l.sortLast()
		l.serials = append(l.serials, nil)
		last++
	}
	l.serials[last] = append(l.serials[last], l.digest(serial))
}

func (l *List) sortLast() {
	if len(l.serials) > 0 {
		slices.Sort(l.serials[len(l.serials)-1])
	}
}

// Len is how many certificates are on the list.
func (l *List) Len() (n int) {
	for _, piece := range l.serials {
		n += len(piece)
	}
	return n
}

// IsFor reports whether the list is that of the issuer of c.
func (l *List) IsFor(c *x509.Certificate) bool {
	return chain.Name(l.Issuer) == chain.Name(c.RawIssuer)
}

// Consult notes that a certificate is held against the list.
func (l *List) Consult() { l.consulted.Store(true) }

// Consulted reports whether any certificate was held against the list.
func (l *List) Consulted() bool { return l.consulted.Load() }

// Revokes reports whether a serial number is on the list.
func (l *List) Revokes(serial *big.Int) bool {
	der, err := asn1.Marshal(serial)
	if err != nil {
		return false
	}
	var raw asn1.RawValue
	if _, err := asn1.Unmarshal(der, &raw); err != nil {
		return false
	}
	wanted := l.digest(raw.Bytes)
	return slices.ContainsFunc(l.serials, func(piece []uint64) bool {
		_, found := slices.BinarySearch(piece, wanted)
		return found
	})
}

// Check says why the list does not count for what the CA issued; nil where it does.
func (l *List) Check(ca *x509.Certificate) error {
	switch {
	case l.critical != nil:
		return fmt.Errorf("it has the critical extension %s: it is a part of a list, or one of changes", l.critical)
	case ca.KeyUsage != 0 && ca.KeyUsage&x509.KeyUsageCRLSign == 0:
		return fmt.Errorf("the key usage of %s does not include crlSign", pki.CertName(ca))
	}
	if err := l.signed.check(ca); err != nil {
		return fmt.Errorf("it is not signed by %s: %w", pki.CertName(ca), err)
	}
	return nil
}

// CheckNumber says what is wrong with its number (section 5.2.3), nil where nothing is.
func (l *List) CheckNumber() error {
	switch {
	case !l.numbered:
		return errors.New("it has no number")
	case l.numberCritical:
		return errors.New("its number is critical")
	}
	return nil
}
