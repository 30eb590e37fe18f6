package main

import (
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	cmapi "github.com/cert-manager/cert-manager/pkg/apis/certmanager/v1"
	"github.com/cert-manager/cert-manager/pkg/util/pki"
)

// renewalCase is a certificate's life and what its Certificate's spec says about renewal.
type renewalCase struct {
	NotBefore             time.Time                 `json:"notBefore"`
	NotAfter              time.Time                 `json:"notAfter"`
	RenewBefore           *metav1.Duration          `json:"renewBefore"`
	RenewBeforePercentage *int32                    `json:"renewBeforePercentage"`
	Renewal               *cmapi.CertificateRenewal `json:"renewal"`
}

// renewalTime is when the certificate is renewed: nil for never.
type renewalTime struct {
	Time  *time.Time `json:"time"`
	Error string     `json:"error,omitempty"`
}

func renewal(c renewalCase) renewalTime {
	when, err := pki.RenewalTime(c.NotBefore, c.NotAfter, c.RenewBefore, c.RenewBeforePercentage, c.Renewal)
	var answer renewalTime
	if when != nil {
		answer.Time = new(when.UTC())
	}
	if err != nil {
		answer.Error = err.Error()
	}
	return answer
}
