package certs

import (
	"testing"
	"time"

	"certgen/internal/pkitest"
)

// TestPlanPublished: a CA that was told what it publishes keeps no certificate that names something else; an issuer of
// cert-manager's, and a CA of which nothing was said, do.
func TestPlanPublished(t *testing.T) {
	t.Parallel()
	now := time.Now()
	r := request(t, webSpec)
	ca := caOf(t, pkitest.Authority(t, "Root", nil, nil))
	old := Published{CRLDistributionPoints: []string{"http://crl.example/1"}, OCSPServers: []string{"http://ocsp.example"}, IssuingCertificateURLs: []string{"http://ca.example"}}
	have := stored(t, webSpec, ca.Publishing(old), now)
	wantKept(t, "the same", MakePlan(r, have, ca.Publishing(old), now), have)
	wantKept(t, "nothing said", MakePlan(r, have, ca, now), have)
	wantKept(t, "cert-manager's", MakePlan(r, have, ca.ForCertManager(Published{}), now), have)
	wantReissued(t, "other addresses", MakePlan(r, have, ca.Publishing(Published{CRLDistributionPoints: []string{"http://crl.example/2"}}), now),
		"addresses of the CRL changed (+http://crl.example/2, -http://crl.example/1)", "OCSP servers changed (-http://ocsp.example)",
		"addresses of the issuer's certificate changed (-http://ca.example)")
}
