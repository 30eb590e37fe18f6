package certs

import (
	"crypto/x509"

	"certgen/certs/pki"
)

// Published is where clients find what a CA publishes, as URLs in the certificates that it signs.
type Published struct {
	CRLDistributionPoints  []string
	OCSPServers            []string
	IssuingCertificateURLs []string
}

// Empty reports whether nothing is published.
func (p Published) Empty() bool {
	return len(p.CRLDistributionPoints)+len(p.OCSPServers)+len(p.IssuingCertificateURLs) == 0
}

// Publishing returns the CA with certificates that name what is published, and a plan that keeps no other.
func (ca *CA) Publishing(p Published) *CA {
	same := *ca
	same.published, same.insists = p, true
	return &same
}

// ForCertManager returns the CA as cert-manager's CA issuer uses it: its certificates name what is published, and where the root
// is not known, the highest certificate that is stands in ca.crt. cert-manager keeps a certificate though its issuer has other
// addresses by now (internal/controller/certificates/policies), and so does a plan.
func (ca *CA) ForCertManager(p Published) *CA {
	same := *ca
	same.published, same.anchored = p, true
	return &same
}

func (p Published) addTo(template *x509.Certificate) {
	template.CRLDistributionPoints, template.OCSPServer, template.IssuingCertificateURL = p.CRLDistributionPoints, p.OCSPServers, p.IssuingCertificateURLs
}

// The fields that [Published] fills.
const (
	fieldCRLDistributionPoints  pki.Field = "crlDistributionPoints"
	fieldOCSPServers            pki.Field = "ocspServers"
	fieldIssuingCertificateURLs pki.Field = "issuingCertificateURLs"
)

// publishedDifferences says which addresses a leaf names that its issuer does not publish, and the other way round.
func publishedDifferences(leaf *x509.Certificate, issuer Issuer) (out []Difference) {
	ca, ok := issuer.(*CA)
	if !ok || !ca.insists {
		return nil
	}
	for _, list := range []struct {
		field      pki.Field
		what       string
		have, want []string
	}{
		{fieldCRLDistributionPoints, "addresses of the CRL", leaf.CRLDistributionPoints, ca.published.CRLDistributionPoints},
		{fieldOCSPServers, "OCSP servers", leaf.OCSPServer, ca.published.OCSPServers},
		{fieldIssuingCertificateURLs, "addresses of the issuer's certificate", leaf.IssuingCertificateURL, ca.published.IssuingCertificateURLs},
	} {
		if diff := setDifference(list.have, list.want); diff != "" {
			out = append(out, Difference{list.field, list.what + " changed (" + diff + ")"})
		}
	}
	return out
}
