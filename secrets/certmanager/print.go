package certmanager

import (
	"bytes"
	"crypto/x509/pkix"
	"fmt"
	"slices"
	"strings"
	"time"

	"certgen/certs"
	"certgen/certs/pki"
	"certgen/certs/renewal"
	"certgen/render"
	"certgen/secrets"
)

// The Issuers that certgen prints.
const (
	selfSignedIssuer = "selfsigned"
	caIssuer         = "-issuer" // behind the name of the CA's Secret
)

// NewIssuer is the Issuer for a namespace, "" for the one that it will be applied to, that signs with the CA in a Secret;
// or with the certificates' own keys where that is "".
func NewIssuer(namespace, caSecret string) *Issuer {
	i := &Issuer{APIVersion: APIVersion, Kind: KindIssuer, Metadata: Metadata{Name: selfSignedIssuer, Namespace: namespace}}
	if caSecret == "" {
		i.Spec.SelfSigned = &SelfSignedIssuer{}
		return i
	}
	i.Metadata.Name = caSecret + caIssuer
	i.Spec.CA = &CAIssuer{SecretName: caSecret}
	return i
}

// NewCertificate says in cert-manager's words what a request asks for and which Secret holds it. What is cert-manager's
// default is written nevertheless, because certgen's is another. The error is [pki.Problems]: what it has no words for.
func NewCertificate(r certs.Request, m secrets.Meta, issuer *Issuer) (*Certificate, error) {
	c := &Certificate{APIVersion: APIVersion, Kind: KindCertificate, Metadata: Metadata{Name: m.Name, Namespace: m.Namespace}}
	s := &c.Spec
	s.SecretName = m.Name
	if len(m.Labels)+len(m.Annotations) > 0 {
		s.SecretTemplate = &SecretTemplate{Labels: m.Labels, Annotations: m.Annotations}
	}
	s.IssuerRef = IssuerRef{Name: issuer.Metadata.Name, Kind: issuer.Kind}
	s.setSubject(r.Subject)
	s.DNSNames, s.IPAddresses, s.URIs, s.EmailAddresses = r.DNSNames, pki.Texts(r.IPAddresses), pki.Texts(r.URIs), r.EmailAddresses
	for _, name := range r.OtherNames {
		s.OtherNames = append(s.OtherNames, OtherName(name))
	}
	s.Duration = goDuration(r.Duration)
	s.setRenewal(r.Renewal)
	s.PrivateKey = privateKey(r)
	s.Usages = pki.FormatUsages(r.KeyUsage, r.ExtKeyUsages)
	s.IsCA = r.IsCA
	s.NameConstraints = certs.NewNameConstraints(r.NameConstraints)
	if r.PathLength != nil {
		return nil, pki.Problems{{Field: pki.FieldPathLength, Value: fmt.Sprint(*r.PathLength), Reason: "cert-manager's Certificate has no path length", Hint: "leave it out, or have certgen make this CA"}}
	}
	return c, nil
}

// setSubject writes a subject field by field where cert-manager encodes these in the same order, and else as one text.
func (s *CertificateSpec) setSubject(name pkix.RDNSequence) {
	var parts Subject
	var commonName string
	for _, rdn := range name {
		for _, part := range rdn {
			value, _ := part.Value.(string)
			switch pki.AttributeKeyword(part.Type) {
			case "CN":
				commonName = value
			case "O":
				parts.Organizations = append(parts.Organizations, value)
			case "C":
				parts.Countries = append(parts.Countries, value)
			case "OU":
				parts.OrganizationalUnits = append(parts.OrganizationalUnits, value)
			case "L":
				parts.Localities = append(parts.Localities, value)
			case "ST":
				parts.Provinces = append(parts.Provinces, value)
			case "STREET":
				parts.StreetAddresses = append(parts.StreetAddresses, value)
			case "POSTALCODE":
				parts.PostalCodes = append(parts.PostalCodes, value)
			case "SERIALNUMBER":
				parts.SerialNumber = value
			}
		}
	}
	if !sameName(parts.name(commonName), name) {
		s.LiteralSubject = literalSubject(name)
		return
	}
	s.CommonName = commonName
	if parts.given() {
		s.Subject = &parts
	}
}

func sameName(a, b pkix.RDNSequence) bool {
	first, err := pki.MarshalSubject(a)
	second, failed := pki.MarshalSubject(b)
	return err == nil && failed == nil && bytes.Equal(first, second)
}

// literalSubject writes a name in RFC 4514 text, with object identifiers for the keywords that cert-manager does not know.
func literalSubject(name pkix.RDNSequence) string {
	known := []string{"C", "O", "OU", "CN", "SERIALNUMBER", "L", "ST", "STREET", "DC", "UID"}
	var rdns []string
	for _, rdn := range slices.Backward(name) {
		var parts []string
		for _, part := range rdn {
			text := pki.FormatSubject(pkix.RDNSequence{{part}})
			if keyword, value, _ := strings.Cut(text, "="); !slices.Contains(known, keyword) {
				text = part.Type.String() + "=" + value
			}
			parts = append(parts, text)
		}
		rdns = append(rdns, strings.Join(parts, "+"))
	}
	return strings.Join(rdns, ",")
}

func (s *CertificateSpec) setRenewal(p renewal.Policy) {
	if p.Before > 0 {
		s.RenewBefore = goDuration(p.Before)
	}
	if p.Percentage > 0 {
		s.RenewBeforePercentage = &p.Percentage
	}
	s.Renewal = p.Spec()
}

// privateKey writes the key; certgen makes a new one for every certificate, and writes it as PKCS#8 unless it is told otherwise.
func privateKey(r certs.Request) *PrivateKey {
	k := &PrivateKey{RotationPolicy: "Always", Encoding: string(pki.PKCS8), Size: r.Key.Size}
	if r.KeyEncoding != "" {
		k.Encoding = string(r.KeyEncoding)
	}
	switch r.Key.Algorithm {
	case pki.ECDSA:
		k.Algorithm = "ECDSA"
	case pki.RSA:
		k.Algorithm = "RSA"
	default:
		k.Algorithm, k.Size = "Ed25519", 0
	}
	return k
}

// goDuration writes a duration as Kubernetes reads it, which knows no days.
func goDuration(d time.Duration) string {
	s := d.String()
	if strings.HasSuffix(s, "m0s") {
		s = strings.TrimSuffix(s, "0s")
	}
	if strings.HasSuffix(s, "h0m") {
		s = strings.TrimSuffix(s, "0m")
	}
	return s
}

// Print writes an issuer and a Certificate as a manifest in YAML.
func Print(i *Issuer, c *Certificate) ([]byte, error) { return render.EncodeStructs(render.YAML, i, c) }

// IsPrinted reports whether data is a manifest of nothing but what [Print] writes, which may be written anew.
func IsPrinted(data []byte) bool {
	found := false
	for doc, err := range render.Objects(bytes.NewReader(data)) {
		if err != nil {
			return false
		}
		o, err := doc.Object()
		if err != nil || o.APIVersion != APIVersion || o.Kind != KindCertificate && o.Kind != KindIssuer {
			return false
		}
		found = true
	}
	return found
}
