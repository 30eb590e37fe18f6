package certmanager

import (
	"encoding/csv"
	"maps"
	"strings"

	"certgen/certs"
	"certgen/certs/pki"
	"certgen/secrets"
)

// What cert-manager marks its Secrets with, so that it takes over one that certgen made without re-issuing it:
// https://cert-manager.io/docs/reference/annotations/
const (
	secretLabel = "controller.cert-manager.io/fao"

	annotateCertificate = Group + "/certificate-name"
	annotateIssuer      = Group + "/issuer-name"
	annotateIssuerKind  = Group + "/issuer-kind"
	annotateIssuerGroup = Group + "/issuer-group"
	annotateCommonName  = Group + "/common-name"
	annotateDNSNames    = Group + "/alt-names"
	annotateIPs         = Group + "/ip-sans"
	annotateURIs        = Group + "/uri-sans"
	annotateEmails      = Group + "/email-sans"
	annotateSubject     = Group + "/subject-"
)

// meta is the metadata of the Secret that holds the certificate.
func (c *Certificate) meta(r certs.Request) secrets.Meta {
	m := secrets.Meta{Name: c.Spec.SecretName, Namespace: c.Metadata.Namespace, Renewal: r.Renewal,
		Labels: map[string]string{}, Annotations: map[string]string{}}
	if t := c.Spec.SecretTemplate; t != nil {
		maps.Copy(m.Labels, t.Labels)
		maps.Copy(m.Annotations, t.Annotations)
	}
	m.Labels[secretLabel] = "true"
	a := m.Annotations
	a[annotateCertificate] = c.Metadata.Name
	a[annotateIssuer], a[annotateIssuerKind], a[annotateIssuerGroup] = c.Spec.IssuerRef.Name, c.Spec.IssuerRef.Kind, c.Spec.IssuerRef.Group
	a[annotateCommonName] = pki.CommonName(r.Subject)
	a[annotateDNSNames] = commaSeparated(r.DNSNames)
	a[annotateIPs] = commaSeparated(pki.Texts(r.IPAddresses))
	a[annotateURIs] = commaSeparated(pki.Texts(r.URIs))
	if len(r.EmailAddresses) > 0 {
		a[annotateEmails] = commaSeparated(r.EmailAddresses)
	}
	for name, values := range subjectValues(r) {
		a[annotateSubject+name] = values
	}
	return m
}

// subjectValues are the parts of a subject beside its common name, under the names that cert-manager's annotations have for them.
func subjectValues(r certs.Request) map[string]string {
	found := map[string][]string{}
	for _, rdn := range pki.AsEncoded(r.Subject) {
		for _, part := range rdn {
			if name := subjectName(pki.AttributeKeyword(part.Type)); name != "" {
				found[name] = append(found[name], part.Value.(string))
			}
		}
	}
	values := make(map[string]string, len(found))
	for name, parts := range found {
		if name == "serialnumber" { // which is one value, and no list
			values[name] = parts[len(parts)-1]
			continue
		}
		values[name] = commaSeparated(parts)
	}
	return values
}

// subjectName is what the annotations call a part of a subject; "" for one that they leave out.
func subjectName(keyword string) string {
	switch keyword {
	case "O":
		return "organizations"
	case "OU":
		return "organizationalunits"
	case "C":
		return "countries"
	case "ST":
		return "provinces"
	case "L":
		return "localities"
	case "POSTALCODE":
		return "postalcodes"
	case "STREET":
		return "streetaddresses"
	case "SERIALNUMBER":
		return "serialnumber"
	}
	return ""
}

// commaSeparated writes a list as RFC 4180 does: what has a comma is quoted.
func commaSeparated(values []string) string {
	text := strings.Join(values, ",")
	quoted := func(c rune) bool { return c <= ' ' || c > '~' || c == '"' || c == '\\' }
	if strings.Count(text, ",") == max(len(values)-1, 0) && !strings.ContainsFunc(text, quoted) {
		return text // a csv.Writer takes more time than all else that is done for such a name
	}
	var b strings.Builder
	w := csv.NewWriter(&b)
	_ = w.Write(values) // a Builder takes everything
	w.Flush()
	return strings.TrimSuffix(b.String(), "\n")
}

func (r IssuerRef) kind() string {
	if r.Kind == "" {
		return KindIssuer
	}
	return r.Kind
}
