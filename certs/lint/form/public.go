package form

import (
	"bytes"
	"crypto/rsa"
	"crypto/x509"
	"net"
	"slices"
	"strings"

	"golang.org/x/net/publicsuffix"

	"certgen/certs/pki"
)

// Public finds what is wrong with c by the CA/Browser Forum's [Baseline Requirements] for public CAs, beyond RFC 5280.
// A private PKI need not keep to them.
//
// [Baseline Requirements]: https://cabforum.org/working-groups/server/baseline-requirements/documents/
func Public(c *x509.Certificate, role Role) []Fault {
	var found faults
	name := certName{c}
	switch role {
	case Leaf:
		found.publicUsages(c, name)
		found.publicNames(c, name)
	case Anchor:
		if !pki.SelfIssued(c) {
			break // another root signed it
		}
		found.publicRoot(c, name)
	}
	if key, ok := c.PublicKey.(*rsa.PublicKey); ok {
		switch bits := key.N.BitLen(); {
		case bits < pki.MinRSA:
			found.add(BaselineRequirement, "the RSA key of %s has %d bits, fewer than %d (section 6.1.5)", name, bits, pki.MinRSA)
		case bits%8 != 0:
			found.add(BaselineRequirement, "the RSA key of %s has %d bits, not a multiple of 8 (section 6.1.5)", name, bits)
		}
	}
	return found
}

func (f *faults) publicUsages(c *x509.Certificate, name certName) {
	usages := pki.Extension(c.Extensions, pki.OIDExtKeyUsage)
	switch {
	case usages == nil:
		f.add(BaselineRequirement, "%s has no extended key usage (section 7.1.2.7.6)", name)
	case usages.Critical:
		f.add(BaselineRequirement, "the extended key usage of %s is critical (section 7.1.2.7.6)", name)
	case slices.Contains(c.ExtKeyUsage, x509.ExtKeyUsageAny):
		f.add(BaselineRequirement, "the extended key usage of %s is any (section 7.1.2.7.10)", name)
	}
	if c.IsCA {
		f.add(BaselineRequirement, "%s is marked as a CA (section 7.1.2.7.8)", name)
	}
}

// publicNames wants the common name to be one of the alternative names, character for character, and no wildcard for all
// that is registered somewhere.
func (f *faults) publicNames(c *x509.Certificate, name certName) {
	cn := c.Subject.CommonName
	isAddress := func(s string) bool {
		return slices.ContainsFunc(c.IPAddresses, func(ip net.IP) bool { return s == ip.String() })
	}
	if cn != "" && !slices.Contains(c.DNSNames, cn) && !isAddress(cn) {
		f.add(BaselineRequirement, "the common name %q of %s is none of its alternative names (section 7.1.4.3)", pki.Shorten(cn), name)
	}
	for _, host := range c.DNSNames {
		base, wildcard := strings.CutPrefix(host, "*.")
		if suffix, _ := publicsuffix.PublicSuffix(base); wildcard && suffix == base {
			f.add(BaselineRequirement, "%q of %s is for a whole public suffix (section 3.2.2.6)", pki.Shorten(host), name)
		}
	}
}

// publicRoot judges what a root says of its own issuer, which is itself: section 7.1.2.1.
func (f *faults) publicRoot(c *x509.Certificate, name certName) {
	if pki.Extension(c.Extensions, pki.OIDExtKeyUsage) != nil {
		f.add(BaselineRequirement, "the root %s has an extended key usage (section 7.1.2.1.2)", name)
	}
	switch key := authorityKeyOf(c); {
	case !key.present:
	case key.issuer || key.serial:
		f.add(BaselineRequirement, "the authority key identifier of the root %s names an issuer (section 7.1.2.1.3)", name)
	case len(key.id) == 0:
		f.add(BaselineRequirement, "the authority key identifier of the root %s has no key identifier (section 7.1.2.1.3)", name)
	case !bytes.Equal(key.id, c.SubjectKeyId):
		f.add(BaselineRequirement, "the authority key identifier of the root %s is not its subject key identifier (section 7.1.2.1.3)", name)
	}
}
