package form

import (
	"crypto/rsa"
	"crypto/x509"
	"encoding/asn1"

	"certgen/certs/pki"
)

// Certificate finds what is wrong with c by itself.
func Certificate(c *x509.Certificate, role Role) []Fault {
	var found faults
	name := certName{c}
	found.extensions(c, name)
	if role == Leaf {
		found.leaf(c, name)
		found.names(c, name)
	} else {
		found.authority(c, name)
	}
	if role != Anchor { // nobody refers to a root by its number
		found.number(c, name)
	}
	found.dates(c, name)
	if key, ok := c.PublicKey.(*rsa.PublicKey); ok && isROCA(key.N) {
		found.add(ROCA, "the RSA key of %s is one that Infineon's library made", name)
	}
	return found
}

// extensions judges whether they are critical as they have to be, and their syntax.
func (f *faults) extensions(c *x509.Certificate, name certName) {
	for _, id := range c.UnhandledCriticalExtensions {
		if !id.Equal(pki.OIDNameConstraints) { // of a kind that crypto/x509 does not know: they are judged with the path
			f.add(CriticalUnknown, "%s has the critical extension %s", name, extensionName(id))
		}
	}
	for _, e := range c.Extensions {
		switch {
		case e.Id.Equal(pki.OIDExtKeyUsage) && len(c.ExtKeyUsage)+len(c.UnknownExtKeyUsage) == 0:
			f.add(EmptyUsages, "the extended key usage of %s is empty", name)
		case e.Id.Equal(pki.OIDPolicyConstraints) && !e.Critical:
			f.add(PolicyConstraints, "the policy constraints of %s are not critical", name)
		case e.Id.Equal(pki.OIDPolicyConstraints) && len(e.Value) <= 2:
			f.add(PolicyConstraints, "the policy constraints of %s are empty", name)
		case e.Id.Equal(pki.OIDNameConstraints):
			f.nameConstraints(c, name, e.Critical)
		}
	}
}

// extensionName names an extension for people.
func extensionName(id asn1.ObjectIdentifier) string {
	for known, name := range map[string]string{
		"2.5.29.32": "certificate policies", "2.5.29.33": "policy mappings", "2.5.29.46": "freshest CRL", "2.5.29.54": "inhibit anyPolicy", "2.5.29.36": "policy constraints",
		"1.3.6.1.5.5.7.1.11": "subject information access",
		"1.3.6.1.5.5.7.1.24": "TLS feature", "1.3.6.1.4.1.11129.2.4.3": "precertificate poison",
	} {
		if id.String() == known {
			return name + " (" + known + ")"
		}
	}
	return id.String()
}

// nameConstraints judges the form of name constraints: section 4.2.1.10.
func (f *faults) nameConstraints(c *x509.Certificate, name certName, critical bool) {
	switch {
	case !c.IsCA:
		f.add(NameConstraints, "%s has name constraints, and is no CA", name)
		return
	case !critical:
		f.add(ConstraintsOptional, "the name constraints of %s are not critical", name)
	}
	for _, domains := range [][]string{c.PermittedDNSDomains, c.ExcludedDNSDomains} {
		for _, domain := range domains {
			if len(domain) > 0 && domain[0] == '.' {
				f.add(NameConstraints, "%s constrains DNS names to %q, with a leading dot", name, pki.Shorten(domain))
			}
		}
	}
}

// leaf judges what a certificate says that is not to sign others.
func (f *faults) leaf(c *x509.Certificate, name certName) {
	if !c.IsCA && c.KeyUsage&x509.KeyUsageCertSign != 0 {
		f.add(SigningLeaf, "the key usage of %s includes certSign, but it is not a CA", name)
	}
}

// authority judges what a CA says of itself: sections 4.1.2.6, 4.2.1.2, 4.2.1.3 and 4.2.1.9.
func (f *faults) authority(c *x509.Certificate, name certName) {
	usage, basic := pki.Extension(c.Extensions, pki.OIDKeyUsage), pki.Extension(c.Extensions, pki.OIDBasicConstraints)
	switch {
	case usage == nil:
		f.add(CAKeyUsageMissing, "%s is a CA without a key usage", name)
	case c.KeyUsage&x509.KeyUsageCertSign == 0:
		f.add(CAKeyUsage, "the key usage of %s does not include certSign", name)
	}
	if basic != nil && !basic.Critical {
		f.add(BasicConstraints, "the basic constraints of %s are not critical", name)
	}
	if len(c.SubjectKeyId) == 0 {
		f.add(KeyIdentifier, "%s is a CA without a subject key identifier", name)
	}
	if isEmptyName(c.RawSubject) {
		f.add(CASubject, "the CA with %s has no subject", name)
	}
}

func isEmptyName(raw []byte) bool { return len(raw) <= 2 }
