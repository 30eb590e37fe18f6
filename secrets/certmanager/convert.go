package certmanager

import (
	"crypto/x509/pkix"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"certgen/certs"
	"certgen/certs/pki"
	"certgen/render"
	"certgen/secrets"
	"certgen/secrets/provision"
)

// The fields that problems of this package name, beside those of [pki].
const (
	fieldSecretName         pki.Field = "secretName"
	fieldIssuerName         pki.Field = "issuerRef.name"
	fieldIssuerKind         pki.Field = "issuerRef.kind"
	fieldIssuerGroup        pki.Field = "issuerRef.group"
	fieldLiteralSubject     pki.Field = "literalSubject"
	fieldEncoding           pki.Field = "privateKey.encoding"
	fieldRotationPolicy     pki.Field = "privateKey.rotationPolicy"
	fieldSignatureAlgorithm pki.Field = "signatureAlgorithm"
	fieldNameConstraints    pki.Field = "nameConstraints"
	fieldRevisions          pki.Field = "revisionHistoryLimit"
	fieldTemplateLabels     pki.Field = "secretTemplate.labels"
	fieldTemplate           pki.Field = "secretTemplate.annotations"
)

// certificate reads a Certificate. With an error, which is all that is wrong with it, only its Secret and who signs
// it are known, if that.
func (r reading) certificate(o render.Object) (*wanted, error) {
	var c Certificate
	unread := o.Read(&c)
	var fields render.Problems
	if unread != nil && !errors.As(unread, &fields) {
		return nil, unread
	}
	var misplaced, problems pki.Problems
	namespace, err := r.in(c.Metadata.Namespace)
	if !errors.As(err, &misplaced) {
		c.Metadata.Namespace = namespace
	}
	w, err := c.translate()
	if errors.As(err, &problems) && len(fields) > 0 { // what is missing may be what could not be read
		problems = slices.DeleteFunc(problems, func(p pki.Problem) bool { return p.Value == "" })
	}
	problems = append(misplaced, problems...)
	if len(fields)+len(problems) == 0 {
		return w, err
	}
	w = &wanted{order: provision.Order{Secret: secrets.Meta{Name: c.Spec.SecretName, Namespace: c.Metadata.Namespace}}}
	if len(misplaced) == 0 && c.namesIssuer(fields) {
		w.ref = c.issuer()
	}
	return w, errors.Join(unread, problems.Err())
}

// namesIssuer reports whether all that says who signs could be read.
func (c *Certificate) namesIssuer(unread render.Problems) bool {
	return len(c.Spec.IssuerRef.problems()) == 0 && !slices.ContainsFunc(unread, func(p render.Problem) bool {
		return p.Path == "spec" || strings.HasPrefix(p.Path, "metadata") || strings.HasPrefix(p.Path, "spec.issuerRef")
	})
}

// translate checks the whole Certificate. The error is all that is wrong with it, as [pki.Problems].
func (c *Certificate) translate() (*wanted, error) {
	spec, problems := c.spec()
	problems = append(problems, c.problems(spec)...)
	request, err := spec.Request()
	var more pki.Problems
	if errors.As(err, &more) {
		for _, p := range more {
			named := func(said pki.Problem) bool { return said.Field == p.Field }
			if !slices.ContainsFunc(problems, named) { // what is wrong with a field is said once
				problems = append(problems, p)
			}
		}
	}
	formats, refs, more := c.formats()
	if problems = append(problems, more...); len(problems) > 0 {
		return nil, problems
	}
	w := &wanted{request: request, life: c.Spec.Duration, ref: c.issuer(), keepKey: c.Spec.PrivateKey != nil && c.Spec.PrivateKey.RotationPolicy == rotateNever}
	w.order, w.refs = provision.Order{Secret: c.meta(request), Formats: formats}, refs
	return w, nil
}

// spec translates what certificate is wanted; the defaults are cert-manager's.
func (c *Certificate) spec() (certs.Spec, pki.Problems) {
	s := c.Spec
	var problems pki.Problems
	spec := certs.Spec{
		Name: s.SecretName, AsWritten: true,
		CommonName: s.CommonName, LiteralSubject: s.LiteralSubject,
		DNSNames: s.DNSNames, IPAddresses: s.IPAddresses, URIs: s.URIs, EmailAddresses: s.EmailAddresses,
		Duration: s.Duration, RenewBefore: s.RenewBefore, RenewBeforePercentage: s.RenewBeforePercentage, Renewal: s.Renewal,
		KeyAlgorithm: string(pki.RSA), KeyEncoding: pki.PKCS1,
		Usages: s.Usages, IsCA: s.IsCA,
	}
	spec.NameConstraints = s.NameConstraints.Names()
	for _, name := range s.OtherNames {
		spec.OtherNames = append(spec.OtherNames, certs.OtherName(name))
	}
	if s.Subject.given() {
		if s.LiteralSubject != "" {
			problems = append(problems, pki.Problem{Field: fieldLiteralSubject, Value: s.LiteralSubject, Reason: "subject is given as well", Hint: "leave one of the two out"})
		}
		spec.Subject = s.Subject.name(s.CommonName)
	}
	if s.LiteralSubject != "" && s.CommonName != "" {
		problems = append(problems, pki.Problem{Field: pki.FieldCommonName, Value: s.CommonName, Reason: "literalSubject is given as well", Hint: "put the common name into the subject: CN=…"})
	}
	if k := s.PrivateKey; k != nil {
		problems = append(problems, k.problems()...)
		if k.Algorithm != "" {
			spec.KeyAlgorithm = strings.ToLower(k.Algorithm)
		}
		if spec.KeyAlgorithm != string(pki.Ed25519) { // which has one size only, whatever is written
			spec.KeySize = k.Size
		}
		if k.Encoding != "" {
			spec.KeyEncoding = pki.KeyEncoding(k.Encoding)
		}
	}
	problems = append(problems, goDurations(map[pki.Field]string{pki.FieldDuration: s.Duration, pki.FieldRenewBefore: s.RenewBefore})...)
	return spec, problems
}

// given reports whether a subject says anything.
func (s *Subject) given() bool {
	return s != nil && (s.SerialNumber != "" || len(s.Organizations)+len(s.Countries)+len(s.OrganizationalUnits)+len(s.Localities)+
		len(s.Provinces)+len(s.StreetAddresses)+len(s.PostalCodes) > 0)
}

// name puts a subject and a common name together, in the order in which cert-manager and Go encode them.
func (s *Subject) name(commonName string) pkix.RDNSequence {
	return pkix.Name{
		Country: s.Countries, Organization: s.Organizations, OrganizationalUnit: s.OrganizationalUnits,
		Locality: s.Localities, Province: s.Provinces, StreetAddress: s.StreetAddresses, PostalCode: s.PostalCodes,
		SerialNumber: s.SerialNumber, CommonName: commonName,
	}.ToRDNSequence()
}

// goDurations finds what Kubernetes would not read as a duration: it knows no days.
func goDurations(durations map[pki.Field]string) (problems pki.Problems) {
	for field, text := range durations {
		if _, err := time.ParseDuration(text); err == nil || text == "" {
			continue
		}
		p := pki.Problem{Field: field, Value: text, Reason: "not a duration of Kubernetes", Hint: `such as "2160h" or "90m"`}
		if d, err := pki.ParseDuration(text); err == nil {
			p.Reason, p.Hint = "Kubernetes has no days in a duration", fmt.Sprintf("write %q", strings.TrimSuffix(strings.TrimSuffix(d.String(), "0s"), "0m"))
		}
		problems = append(problems, p)
	}
	return problems
}

func (k *PrivateKey) problems() (problems pki.Problems) {
	oneOf := func(field pki.Field, value string, words ...string) {
		if value != "" && !slices.Contains(words, value) {
			problems = append(problems, pki.Problem{Field: field, Value: value, Reason: "must be " + either(words)})
		}
	}
	oneOf(pki.FieldKeyAlgorithm, k.Algorithm, "RSA", "ECDSA", "Ed25519")
	oneOf(fieldEncoding, k.Encoding, string(pki.PKCS1), string(pki.PKCS8))
	oneOf(fieldRotationPolicy, k.RotationPolicy, "Always", rotateNever)
	return problems
}

// rotateNever keeps the key where a certificate is re-issued.
const rotateNever = "Never"

func either(words []string) string {
	last := len(words) - 1
	return strings.Join(words[:last], ", ") + " or " + words[last]
}

// signatureAlgorithms are those that fit a key. They say how the request to the issuer is signed; the certificate itself is signed as
// the issuer's key implies.
func signatureAlgorithms(algorithm string) []string {
	switch algorithm {
	case string(pki.ECDSA):
		return []string{"ECDSAWithSHA256", "ECDSAWithSHA384", "ECDSAWithSHA512"}
	case string(pki.Ed25519):
		return []string{"PureEd25519"}
	}
	return []string{"SHA256WithRSA", "SHA384WithRSA", "SHA512WithRSA"}
}

// problems is what is wrong beyond what [certs.Spec.Request] finds.
func (c *Certificate) problems(spec certs.Spec) pki.Problems {
	s := c.Spec
	problems := renamed(secrets.Subdomain.Judge(fieldSecretName, s.SecretName))
	if c.Metadata.Name != "" || c.Metadata.GenerateName == "" {
		problems = append(problems, secrets.Subdomain.Judge(secrets.FieldName, c.Metadata.Name)...)
	}
	if c.Metadata.Namespace != "" {
		problems = append(problems, secrets.Label.Judge(secrets.FieldNamespace, c.Metadata.Namespace)...)
	}
	problems = append(problems, s.IssuerRef.problems()...)
	if allowed := signatureAlgorithms(spec.KeyAlgorithm); s.SignatureAlgorithm != "" && !slices.Contains(allowed, s.SignatureAlgorithm) {
		problems = append(problems, pki.Problem{Field: fieldSignatureAlgorithm, Value: s.SignatureAlgorithm,
			Reason: fmt.Sprintf("does not go with the key's algorithm %s", spec.KeyAlgorithm), Hint: strings.Join(allowed, ", ")})
	}
	if n := s.NameConstraints; n != nil {
		switch {
		case !s.IsCA:
			problems = append(problems, pki.Problem{Field: fieldNameConstraints, Reason: "only a CA has them", Hint: "isCA: true makes it one"})
		case n.Permitted == nil && n.Excluded == nil:
			problems = append(problems, pki.Problem{Field: fieldNameConstraints, Reason: "neither permitted nor excluded is set"})
		}
	}
	if s.RevisionHistoryLimit != nil && *s.RevisionHistoryLimit < 1 {
		problems = append(problems, pki.Problem{Field: fieldRevisions, Value: fmt.Sprint(*s.RevisionHistoryLimit), Reason: "must be 1 or more"})
	}
	return append(problems, s.SecretTemplate.problems()...)
}

// renamed says of an empty name that it is not set: nobody wrote "".
func renamed(problems pki.Problems) pki.Problems {
	for i := range problems {
		if problems[i].Value == "" {
			problems[i].Reason = "is not set"
		}
	}
	return problems
}

func (r IssuerRef) problems() (problems pki.Problems) {
	if r.Name == "" {
		problems = append(problems, pki.Problem{Field: fieldIssuerName, Reason: "is not set"})
	}
	if r.Group != "" && r.Group != Group {
		return append(problems, pki.Problem{Field: fieldIssuerGroup, Value: r.Group, Reason: "an issuer of another group, which only its own controller knows",
			Hint: "certgen signs by itself: an Issuer with selfSigned or ca"})
	}
	if r.Kind != "" && r.Kind != KindIssuer && r.Kind != KindClusterIssuer {
		problems = append(problems, pki.Problem{Field: fieldIssuerKind, Value: r.Kind, Reason: "must be Issuer or ClusterIssuer"})
	}
	return problems
}

func (t *SecretTemplate) problems() (problems pki.Problems) {
	if t == nil {
		return nil
	}
	for _, p := range (secrets.Meta{Name: "x", Labels: t.Labels, Annotations: t.Annotations}).Validate() {
		p.Field = map[pki.Field]pki.Field{secrets.FieldLabels: fieldTemplateLabels, secrets.FieldAnnotations: fieldTemplate}[p.Field]
		problems = append(problems, p)
	}
	for key := range t.Annotations {
		if strings.HasPrefix(key, Group+"/") && key != Group+"/allow-direct-injection" {
			problems = append(problems, pki.Problem{Field: fieldTemplate, Value: key, Reason: "keys under " + Group + "/ are cert-manager's own", Hint: "use a prefix of your own"})
		}
	}
	return problems
}
