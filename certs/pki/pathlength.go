package pki

import (
	"crypto/x509"
	"strconv"
)

// PathLengthOf is how many CAs may stand below a CA in a chain, nil where that is not bounded.
func PathLengthOf(c *x509.Certificate) *int {
	if !c.BasicConstraintsValid || c.MaxPathLen < 0 || c.MaxPathLen == 0 && !c.MaxPathLenZero {
		return nil
	}
	return &c.MaxPathLen
}

// FormatPathLength writes a path length for people.
func FormatPathLength(n *int) string {
	if n == nil {
		return "no bound"
	}
	return strconv.Itoa(*n)
}
