package certmanager

import (
	"cmp"
	"slices"

	"certgen/certs/pki"
	"certgen/render"
	"certgen/secrets"
)

func (r reading) issuer(o render.Object) (*Issuer, error) {
	i := &Issuer{}
	wrong := o.Read(i)
	if wrong != nil { // its name is known nevertheless to who looks for it
		i = &Issuer{Kind: o.Kind, Metadata: Metadata{Name: o.Name, Namespace: o.Namespace}}
	}
	if i.Kind == KindClusterIssuer {
		i.Metadata.Namespace = ""
	} else if namespace, err := r.in(i.Metadata.Namespace); err != nil {
		wrong = cmp.Or(wrong, err)
	} else {
		i.Metadata.Namespace = namespace
	}
	if wrong != nil {
		return i, wrong
	}
	return i, i.check()
}

// check finds what is wrong with an issuer, and which ones only cert-manager can ask.
func (i *Issuer) check() error {
	var problems pki.Problems
	for field, given := range map[pki.Field]bool{"acme": bool(i.Spec.ACME), "vault": bool(i.Spec.Vault), "venafi": bool(i.Spec.Venafi)} {
		if given {
			problems = append(problems, pki.Problem{Field: field, Reason: "certgen cannot ask a server of this kind: only cert-manager in a cluster does", Hint: "use selfSigned or ca, or leave these Certificates to cert-manager"})
		}
	}
	switch {
	case len(problems) > 0:
	case i.Spec.CA == nil && i.Spec.SelfSigned == nil:
		problems = append(problems, pki.Problem{Field: "spec", Reason: "neither selfSigned nor ca is set"})
	case i.Spec.CA != nil && i.Spec.SelfSigned != nil:
		problems = append(problems, pki.Problem{Field: "ca", Reason: "selfSigned is set as well", Hint: "leave one of the two out"})
	case i.Spec.CA != nil:
		problems = i.Spec.CA.problems()
	}
	return problems.Err()
}

func (c *CAIssuer) problems() pki.Problems {
	problems := renamed(secrets.Subdomain.Judge("ca.secretName", c.SecretName))
	for _, list := range []struct {
		field pki.Field
		urls  []string
	}{{"ca.ocspServers", c.OCSPServers}, {"ca.issuingCertificateURLs", c.IssuingCertificateURLs}} {
		if slices.Contains(list.urls, "") {
			problems = append(problems, pki.Problem{Field: list.field, Reason: "one of the addresses is empty"})
		}
	}
	return problems
}
