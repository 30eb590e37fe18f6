package form

import (
	"crypto/x509"
	"net"
	"strings"

	"certgen/certs/pki"
)

// names judges the alternative names of a certificate, and its common name beside them: RFC 5280, section 4.2.1.6, and
// RFC 9525, section 6.3.
func (f *faults) names(c *x509.Certificate, name certName) {
	extension := pki.Extension(c.Extensions, pki.OIDSubjectAltName)
	switch {
	case extension == nil:
		return
	case len(extension.Value) <= 2:
		f.add(AlternativeNames, "the subject alternative names of %s are empty", name)
		return
	case isEmptyName(c.RawSubject) && !extension.Critical:
		f.add(AlternativeNames, "%s has no subject, and its alternative names are not critical", name)
	case !isEmptyName(c.RawSubject) && extension.Critical:
		f.add(AlternativeNames, "%s has a subject, and its alternative names are critical", name)
	}
	for _, host := range c.DNSNames {
		switch base, wildcard := strings.CutPrefix(host, "*."); {
		case strings.Contains(host, "*") && (!wildcard || !strings.Contains(base, ".") || strings.Contains(base, "*")):
			f.add(Wildcard, "%s has the wildcard %q, which clients match with no host", name, pki.Shorten(host))
		case net.ParseIP(host) != nil:
			f.add(HostSyntax, "%s names the address %s as a DNS name", name, host)
		case !isHost(base):
			f.add(HostSyntax, "%q of %s is not a host name", pki.Shorten(host), name)
		}
	}
	f.commonName(c, name)
}

// isHost reports whether s is in the preferred name syntax of RFC 1034, in any case.
func isHost(s string) bool {
	if len(s) > 253 {
		return false
	}
	for label := range strings.SplitSeq(s, ".") {
		if label == "" || len(label) > 63 || label[0] == '-' || label[len(label)-1] == '-' {
			return false
		}
		for i := range len(label) {
			if b := label[i]; !('a' <= b && b <= 'z' || 'A' <= b && b <= 'Z' || '0' <= b && b <= '9' || b == '-') {
				return false
			}
		}
	}
	return true
}

// commonName finds a host in the common name that clients do not look for there any more. One without a dot, such as
// kube-apiserver, may name anything.
func (f *faults) commonName(c *x509.Certificate, name certName) {
	cn := c.Subject.CommonName
	if len(c.DNSNames)+len(c.IPAddresses) == 0 {
		return
	}
	if address := net.ParseIP(cn); address != nil {
		for _, named := range c.IPAddresses {
			if named.Equal(address) {
				return
			}
		}
	} else if !strings.Contains(cn, ".") || !isHost(strings.TrimPrefix(cn, "*.")) || len(cn) > 0 && cn[len(cn)-1] <= '9' {
		return
	}
	for _, host := range c.DNSNames {
		if strings.EqualFold(host, cn) {
			return
		}
	}
	f.add(CommonName, "the common name %q of %s is not among its alternative names", pki.Shorten(cn), name)
}
