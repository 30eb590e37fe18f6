package lint

import (
	"crypto/x509"
	"errors"
	"strings"

	"certgen/certs/chain"
)

// lawful returns the paths that RFC 5280 permits, and what is wrong with the last of the others.
func lawful(paths [][]*x509.Certificate) (permitted [][]*x509.Certificate, broken error) {
	for _, path := range paths {
		if err := chain.Judge(path); err != nil {
			broken = err
		} else {
			permitted = append(permitted, path)
		}
	}
	return permitted, broken
}

// lenientPaths returns the paths that RFC 5280 permits, though crypto/x509 does not, and what is wrong with the others.
// Where the roots are not known one by one, they are taken as crypto/x509 has them.
func (t Target) lenientPaths(leaf *x509.Certificate, options x509.VerifyOptions, anchors []*x509.Certificate) ([][]*x509.Certificate, error) {
	original := map[string]*x509.Certificate{string(leaf.Raw): leaf}
	pool := func(certs []*x509.Certificate) *x509.CertPool {
		pool := x509.NewCertPool()
		for _, c := range certs {
			original[string(c.Raw)] = c
			pool.AddCert(chain.Lenient(c))
		}
		return pool
	}
	options.Intermediates = pool(t.above(leaf))
	if len(anchors) > 0 {
		options.Roots = pool(anchors)
	}
	paths, err := chain.Lenient(leaf).Verify(options)
	if err != nil {
		return nil, nil // obstacle says why
	}
	for _, path := range paths {
		for i, c := range path {
			if known := original[string(c.Raw)]; known != nil {
				path[i] = known
			}
		}
	}
	return lawful(paths)
}

// goRefuses says why crypto/x509 refuses what RFC 5280 permits, and who else does.
func goRefuses(err error) Finding {
	var invalid x509.CertificateInvalidError
	rule := RuleGoRefuses
	reason := "it compares names byte by byte, and they differ in case, spaces or the type of string"
	switch {
	case strings.Contains(err.Error(), x509.UnhandledCriticalExtension{}.Error()): // often that of a CA, which is but a hint
		reason = "it does not know constraints on this kind of name"
	case errors.As(err, &invalid) && invalid.Reason == x509.TooManyIntermediates:
		reason = "it counts a CA that issued itself a new certificate against a path length"
		rule.Breaks = "Go and GnuTLS; others accept it, as RFC 5280 permits"
	case errors.As(err, &invalid) && invalid.Reason == x509.CANotAuthorizedForThisName:
		reason = "it holds a CA that issued itself a new certificate against name constraints, or excludes the hosts below one that is named"
	default:
		rule.Breaks = "Go, GnuTLS and NSS; others accept it, as RFC 5280 permits"
	}
	return rule.Found("crypto/x509 does not accept it: %s", reason)
}
