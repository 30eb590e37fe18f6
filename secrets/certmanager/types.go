package certmanager

import (
	"encoding/json"

	"certgen/certs"
	"certgen/certs/renewal"
)

// The API of the kinds that are read: https://cert-manager.io/docs/reference/api-docs/
const (
	APIVersion = "cert-manager.io/v1"
	Group      = "cert-manager.io"

	KindCertificate   = "Certificate"
	KindIssuer        = "Issuer"
	KindClusterIssuer = "ClusterIssuer"
)

// Certificate is what cert-manager's kind of that name says. Its fields, and those of the types in it, mean what they mean there.
type Certificate struct {
	APIVersion string          `json:"apiVersion"`
	Kind       string          `json:"kind"`
	Metadata   Metadata        `json:"metadata"`
	Spec       CertificateSpec `json:"spec"`
	Status     ignored         `json:"status,omitzero"`
}

// Metadata is that of an object which somebody wrote, or which was read from a cluster.
type Metadata struct {
	Name        string            `json:"name,omitempty"`
	Namespace   string            `json:"namespace,omitempty"`
	Labels      map[string]string `json:"labels,omitempty"`
	Annotations map[string]string `json:"annotations,omitempty"`

	GenerateName               string  `json:"generateName,omitempty"`
	SelfLink                   ignored `json:"selfLink,omitzero"`
	UID                        ignored `json:"uid,omitzero"`
	ResourceVersion            ignored `json:"resourceVersion,omitzero"`
	Generation                 ignored `json:"generation,omitzero"`
	CreationTimestamp          ignored `json:"creationTimestamp,omitzero"`
	DeletionTimestamp          ignored `json:"deletionTimestamp,omitzero"`
	DeletionGracePeriodSeconds ignored `json:"deletionGracePeriodSeconds,omitzero"`
	OwnerReferences            ignored `json:"ownerReferences,omitzero"`
	Finalizers                 ignored `json:"finalizers,omitzero"`
	ManagedFields              ignored `json:"managedFields,omitzero"`
}

// ignored is a field that the cluster writes.
type ignored struct{}

// UnmarshalJSON takes whatever is there.
func (*ignored) UnmarshalJSON([]byte) error { return nil }

// MarshalJSON keeps it out of what is written.
func (ignored) MarshalJSON() ([]byte, error) { return json.Marshal(nil) }

// CertificateSpec says what certificate is wanted, who signs it, and which Secret holds it.
type CertificateSpec struct {
	SecretName     string          `json:"secretName"`
	SecretTemplate *SecretTemplate `json:"secretTemplate,omitempty"`
	IssuerRef      IssuerRef       `json:"issuerRef"`

	CommonName     string   `json:"commonName,omitempty"`
	Subject        *Subject `json:"subject,omitempty"`
	LiteralSubject string   `json:"literalSubject,omitempty"`

	DNSNames       []string    `json:"dnsNames,omitempty"`
	IPAddresses    []string    `json:"ipAddresses,omitempty"`
	URIs           []string    `json:"uris,omitempty"`
	EmailAddresses []string    `json:"emailAddresses,omitempty"`
	OtherNames     []OtherName `json:"otherNames,omitempty"`

	Duration              string        `json:"duration,omitempty"`
	RenewBefore           string        `json:"renewBefore,omitempty"`
	RenewBeforePercentage *int          `json:"renewBeforePercentage,omitempty"`
	Renewal               *renewal.Spec `json:"renewal,omitempty"`

	PrivateKey         *PrivateKey            `json:"privateKey,omitempty"`
	SignatureAlgorithm string                 `json:"signatureAlgorithm,omitempty"`
	Usages             []string               `json:"usages,omitempty"`
	IsCA               bool                   `json:"isCA,omitempty"`
	NameConstraints    *certs.NameConstraints `json:"nameConstraints,omitempty"`

	Keystores               *Keystores     `json:"keystores,omitempty"`
	AdditionalOutputFormats []OutputFormat `json:"additionalOutputFormats,omitempty"`

	EncodeUsagesInRequest *bool  `json:"encodeUsagesInRequest,omitempty"`
	RevisionHistoryLimit  *int32 `json:"revisionHistoryLimit,omitempty"`
}

// SecretTemplate is metadata of the Secret beside cert-manager's own.
type SecretTemplate struct {
	Annotations map[string]string `json:"annotations,omitempty"`
	Labels      map[string]string `json:"labels,omitempty"`
}

// IssuerRef names who signs. An empty kind is an Issuer, an empty group is cert-manager.io.
type IssuerRef struct {
	Name  string `json:"name"`
	Kind  string `json:"kind,omitempty"`
	Group string `json:"group,omitempty"`
}

// Subject is a distinguished name without its common name.
type Subject struct {
	Organizations       []string `json:"organizations,omitempty"`
	Countries           []string `json:"countries,omitempty"`
	OrganizationalUnits []string `json:"organizationalUnits,omitempty"`
	Localities          []string `json:"localities,omitempty"`
	Provinces           []string `json:"provinces,omitempty"`
	StreetAddresses     []string `json:"streetAddresses,omitempty"`
	PostalCodes         []string `json:"postalCodes,omitempty"`
	SerialNumber        string   `json:"serialNumber,omitempty"`
}

// OtherName is a name of a kind of its own.
type OtherName struct {
	OID       string `json:"oid,omitempty"`
	UTF8Value string `json:"utf8Value,omitempty"`
}

// PrivateKey says what key is made.
type PrivateKey struct {
	RotationPolicy string `json:"rotationPolicy,omitempty"`
	Encoding       string `json:"encoding,omitempty"`
	Algorithm      string `json:"algorithm,omitempty"`
	Size           int    `json:"size,omitempty"`
}

// Keystores are further forms of the pair in the Secret.
type Keystores struct {
	JKS    *JKSKeystore    `json:"jks,omitempty"`
	PKCS12 *PKCS12Keystore `json:"pkcs12,omitempty"`
}

// JKSKeystore is a Java keystore.
type JKSKeystore struct {
	Create            bool      `json:"create"`
	Alias             *string   `json:"alias,omitempty"`
	PasswordSecretRef SecretKey `json:"passwordSecretRef,omitempty"`
	Password          *string   `json:"password,omitempty"`
}

// PKCS12Keystore is a PKCS#12 file.
type PKCS12Keystore struct {
	Create            bool      `json:"create"`
	Profile           string    `json:"profile,omitempty"`
	PasswordSecretRef SecretKey `json:"passwordSecretRef,omitempty"`
	Password          *string   `json:"password,omitempty"`
}

// SecretKey is one value in a Secret.
type SecretKey struct {
	Name string `json:"name,omitempty"`
	Key  string `json:"key,omitempty"`
}

// OutputFormat is a further form of the pair in the Secret: DER or CombinedPEM.
type OutputFormat struct {
	Type string `json:"type"`
}

// Issuer is cert-manager's Issuer or ClusterIssuer.
type Issuer struct {
	APIVersion string     `json:"apiVersion"`
	Kind       string     `json:"kind"`
	Metadata   Metadata   `json:"metadata"`
	Spec       IssuerSpec `json:"spec"`
	Status     ignored    `json:"status,omitzero"`
}

// IssuerSpec has exactly one of its fields set.
type IssuerSpec struct {
	SelfSigned *SelfSignedIssuer `json:"selfSigned,omitempty"`
	CA         *CAIssuer         `json:"ca,omitempty"`

	ACME   ignoredButSet `json:"acme,omitzero"`
	Vault  ignoredButSet `json:"vault,omitzero"`
	Venafi ignoredButSet `json:"venafi,omitzero"`
}

// ignoredButSet is a field of which only it matters that it is there.
type ignoredButSet bool

// UnmarshalJSON takes whatever is there.
func (s *ignoredButSet) UnmarshalJSON([]byte) error {
	*s = true
	return nil
}

// SelfSignedIssuer signs each certificate with its own key.
type SelfSignedIssuer struct {
	CRLDistributionPoints []string `json:"crlDistributionPoints,omitempty"`
}

// CAIssuer signs with the CA in a Secret: in the Issuer's namespace, or in that of cert-manager for a ClusterIssuer.
type CAIssuer struct {
	SecretName             string   `json:"secretName"`
	CRLDistributionPoints  []string `json:"crlDistributionPoints,omitempty"`
	OCSPServers            []string `json:"ocspServers,omitempty"`
	IssuingCertificateURLs []string `json:"issuingCertificateURLs,omitempty"`
}
