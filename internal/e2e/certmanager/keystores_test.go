package certmanager

import (
	"bytes"
	"crypto"
	"crypto/x509"
	"encoding/asn1"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/pavlo-v-chernykh/keystore-go/v4"
	"software.sslmate.com/src/go-pkcs12"
)

// keystores portrays what a Secret's keystores hold and how they are locked.
func (p portrait) keystores(t testing.TB, data map[string][]byte, at parts, key crypto.Signer) {
	t.Helper()
	if store, there := data["keystore.p12"]; there {
		private, cert, cas, err := pkcs12.DecodeChain(store, storePassword)
		if err != nil {
			t.Fatalf("keystore.p12: %v", err)
		}
		p["keystore.p12"] = fmt.Sprintf("%s; key of tls.key: %v; %s; %s", algorithms(store), sameKey(key, private), at.name(cert.Raw), at.names(cas))
	}
	if store, there := data["truststore.p12"]; there {
		cas, err := pkcs12.DecodeTrustStore(store, storePassword)
		if err != nil {
			t.Fatalf("truststore.p12: %v", err)
		}
		p["truststore.p12"] = algorithms(store) + "; " + at.names(cas)
	}
	for _, name := range []string{"keystore.jks", "truststore.jks"} {
		text, there := data[name]
		if !there {
			continue
		}
		store := keystore.New(keystore.WithOrderedAliases())
		if err := store.Load(bytes.NewReader(text), []byte(storePassword)); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		var entries []string
		for _, alias := range store.Aliases() {
			entries = append(entries, alias+": "+jksEntry(t, store, alias, at, key))
		}
		p[name] = strings.Join(entries, "; ")
	}
}

// jksEntry says what an alias stands for.
func jksEntry(t testing.TB, store keystore.KeyStore, alias string, at parts, key crypto.Signer) string {
	t.Helper()
	if store.IsTrustedCertificateEntry(alias) {
		entry, err := store.GetTrustedCertificateEntry(alias)
		if err != nil {
			t.Fatal(err)
		}
		return "trusts " + jksCertificate(entry.Certificate, at)
	}
	entry, err := store.GetPrivateKeyEntry(alias, []byte(storePassword))
	if err != nil {
		t.Fatal(err)
	}
	private, err := x509.ParsePKCS8PrivateKey(entry.PrivateKey)
	if err != nil {
		t.Fatal(err)
	}
	var chain []string
	for _, c := range entry.CertificateChain {
		chain = append(chain, jksCertificate(c, at))
	}
	return fmt.Sprintf("key of tls.key: %v, chain %s", sameKey(key, private), strings.Join(chain, ", "))
}

// jksCertificate says which certificate it is, and of which kind, if not of X.509: Java's own name of that is "X.509",
// which certgen writes; cert-manager writes "X509", which Java knows as well.
func jksCertificate(c keystore.Certificate, at parts) string {
	if c.Type == "X.509" || c.Type == "X509" {
		return at.name(c.Content)
	}
	return c.Type + " " + at.name(c.Content)
}

func sameKey(key crypto.Signer, other any) bool {
	return key.Public().(interface{ Equal(crypto.PublicKey) bool }).Equal(other.(crypto.Signer).Public())
}

func (p parts) names(certs []*x509.Certificate) string {
	var names []string
	for _, c := range certs {
		names = append(names, p.name(c.Raw))
	}
	return strings.Join(names, ", ")
}

// algorithms returns those that lock a PKCS#12 store, of the ones that a profile names.
func algorithms(store []byte) string {
	var found []string
	for name, id := range map[string]asn1.ObjectIdentifier{
		"RC2-40":      {1, 2, 840, 113549, 1, 12, 1, 6},
		"3DES":        {1, 2, 840, 113549, 1, 12, 1, 3},
		"PBES2":       {1, 2, 840, 113549, 1, 5, 13},
		"PBMAC1":      {1, 2, 840, 113549, 1, 5, 14},
		"AES-256-CBC": {2, 16, 840, 1, 101, 3, 4, 1, 42},
		"SHA-1":       {1, 3, 14, 3, 2, 26},
		"SHA-256":     {2, 16, 840, 1, 101, 3, 4, 2, 1},
	} {
		if der, err := asn1.Marshal(id); err == nil && bytes.Contains(store, der) {
			found = append(found, name)
		}
	}
	slices.Sort(found)
	return strings.Join(found, " ")
}
