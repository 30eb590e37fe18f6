package secrets

import (
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"slices"

	corev1 "k8s.io/api/core/v1"

	"certgen/certs/encoding"
	"certgen/certs/pki"
)

// The keys of a Secret under which cert-manager keeps the pair in further formats:
// https://cert-manager.io/docs/usage/certificate/#additional-certificate-output-formats and
// https://cert-manager.io/docs/reference/api-docs/#cert-manager.io/v1.CertificateKeystores
const (
	DERKey              = "key.der"
	CombinedPEMKey      = "tls-combined.pem"
	JKSKey              = "keystore.jks"
	JKSTruststoreKey    = "truststore.jks"
	PKCS12Key           = "keystore.p12"
	PKCS12TruststoreKey = "truststore.p12"
)

// formatKeys are all of them.
func formatKeys() []string {
	return []string{DERKey, CombinedPEMKey, JKSKey, JKSTruststoreKey, PKCS12Key, PKCS12TruststoreKey}
}

// Formats are the formats in which a Secret holds its pair besides PEM; the zero one is none. Truststores are written
// where there is a ca.crt.
type Formats struct {
	DER         bool // the key as DER, in the same form as in tls.key
	CombinedPEM bool // key and certificates in one PEM text
	JKS         *JKS
	PKCS12      *PKCS12
}

// JKS is a Java keystore and its truststore.
type JKS struct {
	encoding.JavaKeystore
	Password string
}

// PKCS12 is a PKCS#12 keystore and its truststore.
type PKCS12 struct {
	encoding.PKCS12Profile
	Password string
}

// AddTo adds the formats of its pair to a Secret. Keystores have random salts, so those of existing, which may be nil,
// are kept where they hold this pair under this password.
func (f Formats) AddTo(secret, existing *corev1.Secret) error {
	var present map[string][]byte
	if existing != nil {
		present = Data(existing)
	}
	text := PEMOf(secret)
	if f.DER {
		block, _ := pem.Decode(text.Key)
		if block == nil {
			return errors.New("no private key to write as DER")
		}
		secret.Data[DERKey] = block.Bytes
	}
	if f.CombinedPEM {
		secret.Data[CombinedPEMKey] = slices.Concat(text.Key, []byte("\n"), text.Cert) // the empty line is cert-manager's
	}
	if f.JKS == nil && f.PKCS12 == nil {
		return nil
	}
	pair, err := pki.ParsePair(text)
	if err != nil {
		return err
	}
	if f.JKS != nil {
		s := keystore{f.JKS.JavaKeystore, f.JKS.Password}
		err = s.addTo(secret.Data, present, pair, JKSKey, JKSTruststoreKey)
	}
	if err == nil && f.PKCS12 != nil {
		s := keystore{f.PKCS12.PKCS12Profile, f.PKCS12.Password}
		err = s.addTo(secret.Data, present, pair, PKCS12Key, PKCS12TruststoreKey)
	}
	return err
}

// keystore is a keystore and its truststore, of one kind.
type keystore struct {
	kind interface {
		Encode(pair *pki.KeyPair, root *x509.Certificate, password string) ([]byte, error)
		Holds(data []byte, pair *pki.KeyPair, root *x509.Certificate, password string) bool
	}
	password string
}

// addTo adds the two to data, as they are present where that holds what they are to hold.
func (k keystore) addTo(data, present map[string][]byte, pair *pki.KeyPair, key, trustKey string) error {
	add := func(key string, pair *pki.KeyPair, root *x509.Certificate) (err error) {
		if data[key] = present[key]; k.kind.Holds(data[key], pair, root, k.password) {
			return nil
		}
		if data[key], err = k.kind.Encode(pair, root, k.password); err != nil {
			return fmt.Errorf("%s: %w", key, err)
		}
		return nil
	}
	if err := add(key, pair, pair.Root); err != nil || pair.Root == nil {
		return err
	}
	return add(trustKey, nil, pair.Root)
}
