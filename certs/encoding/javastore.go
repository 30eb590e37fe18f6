package encoding

import (
	"bytes"
	"crypto/sha1"
	"crypto/subtle"
	"crypto/x509"
	"fmt"
	"strings"

	"github.com/pavlo-v-chernykh/keystore-go/v4"

	"certgen/certs/pki"
)

// JavaKeystore is a Java keystore of a Secret, of the old type JKS, as cert-manager writes it. Its entries say that
// they were made when their certificates were.
type JavaKeystore struct {
	Alias string // of the key; "" is cert-manager's default, "certificate"
}

// FieldJKSAlias is the field that a problem with a [JavaKeystore.Alias] names.
const FieldJKSAlias pki.Field = "keystores.jks.alias"

// rootAlias is the alias of the root.
const rootAlias = "ca"

// Validate refuses an alias under which the key would be lost.
func (j JavaKeystore) Validate() error {
	if strings.EqualFold(j.Alias, rootAlias) {
		return pki.Problem{Field: FieldJKSAlias, Value: j.Alias, Reason: "the root has this alias, and would take the key's place", Hint: "choose another alias"}
	}
	return nil
}

// Encode writes a keystore: under the alias the key with its certificate and intermediates, and under "ca" the root if
// there is one. For a nil pair it is a truststore: the root alone.
func (j JavaKeystore) Encode(pair *pki.KeyPair, root *x509.Certificate, password string) ([]byte, error) {
	if err := pki.FIPSRefuses("SHA-1"); err != nil {
		return nil, fmt.Errorf("a keystore of the form %s: %w", JKS, err)
	}
	if password == "" {
		return nil, errEmptyPassword
	}
	latin1, err := toLatin1(password)
	if err != nil {
		return nil, err
	}
	store := keystore.New(keystore.WithOrderedAliases())
	if pair != nil {
		err = j.add(store, pair, latin1)
	}
	if err == nil && root != nil {
		err = store.SetTrustedCertificateEntry(rootAlias, keystore.TrustedCertificateEntry{CreationTime: root.NotBefore, Certificate: javaCertificate(root)})
	}
	var out bytes.Buffer
	if err == nil {
		err = store.Store(&out, latin1)
	}
	if err != nil {
		return nil, fmt.Errorf("encode JKS: %w", err)
	}
	return out.Bytes(), nil
}

// add puts the key with its chain into a keystore.
func (j JavaKeystore) add(store keystore.KeyStore, pair *pki.KeyPair, password []byte) error {
	if err := j.Validate(); err != nil {
		return err
	}
	der, err := x509.MarshalPKCS8PrivateKey(pair.Key)
	if err != nil {
		return err
	}
	entry := keystore.PrivateKeyEntry{CreationTime: pair.Leaf.NotBefore, PrivateKey: der}
	for _, c := range append([]*x509.Certificate{pair.Leaf}, pair.Intermediates...) {
		entry.CertificateChain = append(entry.CertificateChain, javaCertificate(c))
	}
	return store.SetPrivateKeyEntry(j.alias(), entry, password)
}

// Holds reports whether data is what [JavaKeystore.Encode] writes, but for salts, dates, and the order of the entries.
func (j JavaKeystore) Holds(data []byte, pair *pki.KeyPair, root *x509.Certificate, password string) bool {
	if !bytes.HasPrefix(data, []byte(JKSMagic)) || pki.FIPSRefuses("SHA-1") != nil {
		return false
	}
	var r reader
	keys, body, err := r.readEntries(data)
	chars := javaChars([]byte(password))
	if err != nil || subtle.ConstantTimeCompare(jksSum(chars, body), data[len(body):]) == 0 {
		return false
	}
	for _, key := range keys {
		der, err := unlockJKS(key.der, chars)
		if err != nil || key.alias != strings.ToLower(j.alias()) || r.addKey(der, "") != nil {
			return false
		}
	}
	return r.are(pair, root)
}

func (j JavaKeystore) alias() string {
	if j.Alias == "" {
		return javaAlias
	}
	return j.Alias
}

func javaCertificate(c *x509.Certificate) keystore.Certificate {
	return keystore.Certificate{Type: "X.509", Content: c.Raw}
}

// jksSum is the checksum of a keystore's body under a password, in Java's characters.
func jksSum(chars, body []byte) []byte {
	digest := sha1.New()
	digest.Write(chars)
	digest.Write([]byte("Mighty Aphrodite"))
	digest.Write(body)
	return digest.Sum(nil)
}
