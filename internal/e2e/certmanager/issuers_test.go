package certmanager

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"slices"
	"testing"
	"time"

	"certgen/internal/testbed"
)

// storePassword opens the keystores.
const storePassword = "two words"

// issuerRefs are the references of generated Certificates, in each of the ways to write them.
func issuerRefs() []object {
	refs := []object{
		{"name": "self"},
		{"name": "self", "kind": "Issuer"},
		{"name": "self", "group": "cert-manager.io"},
		{"name": "self-crl", "kind": "Issuer", "group": "cert-manager.io"},
		{"name": "everywhere-self", "kind": "ClusterIssuer"},
		{"name": "everywhere-ca", "kind": "ClusterIssuer", "group": "cert-manager.io"},
	}
	for _, name := range []string{"root", "urls", "sub", "sub-alone", "sub-chain", "sub-of-sub", "rsa", "p384", "p521", "ed25519", "made-root", "made-sub"} {
		refs = append(refs, object{"name": name})
	}
	return refs
}

// issuers returns the issuers of a namespace and what they sign with: documents for both programs.
func issuers(t testing.TB) []object {
	t.Helper()
	var all []object
	add := func(kind, name string, spec object) {
		all = append(all, object{"apiVersion": "cert-manager.io/v1", "kind": kind, "metadata": object{"name": name}, "spec": spec})
	}
	crl := []string{"http://crl.example/a.crl", "http://crl.example/b.crl"}
	add("Issuer", "self", object{"selfSigned": object{}})
	add("Issuer", "self-crl", object{"selfSigned": object{"crlDistributionPoints": crl}})
	add("ClusterIssuer", "everywhere-self", object{"selfSigned": object{}})
	add("ClusterIssuer", "everywhere-ca", object{"ca": object{"secretName": "everywhere-root"}})
	add("Issuer", "urls", object{"ca": object{
		"secretName": "root", "crlDistributionPoints": crl,
		"ocspServers":            []string{"http://ocsp.example", "http://ocsp2.example"},
		"issuingCertificateURLs": []string{"http://ca.example/a.crt", "http://ca.example/b.crt"},
	}})
	for _, name := range []string{"root", "sub", "sub-alone", "sub-chain", "sub-of-sub", "rsa", "p384", "p521", "ed25519", "made-root", "made-sub"} {
		add("Issuer", name, object{"ca": object{"secretName": name}})
	}
	// CAs that are Certificates themselves.
	p256 := object{"algorithm": "ECDSA"}
	all = append(all,
		certificate("made-root", object{"issuerRef": object{"name": "self"}, "isCA": true, "commonName": "Made Root", "privateKey": p256, "duration": "87600h"}),
		certificate("made-sub", object{"issuerRef": object{"name": "made-root"}, "isCA": true, "commonName": "Made Sub", "subject": object{"organizations": []string{"Acme"}}, "privateKey": p256, "duration": "43800h"}),
		object{"apiVersion": "v1", "kind": "Secret", "metadata": object{"name": "passwords"}, "data": object{"store": []byte(storePassword)}})

	root := newCA(t, "Root", ecdsaKey(t, elliptic.P256()), nil)
	sub := newCA(t, "Sub", ecdsaKey(t, elliptic.P256()), root)
	subOfSub := newCA(t, "Sub of Sub", ecdsaKey(t, elliptic.P256()), sub)
	rsaKey, err := rsa.GenerateKey(rand.Reader, 3072)
	if err != nil {
		t.Fatal(err)
	}
	_, edKey, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	all = append(all,
		root.secret(t, "root", root.pem(), root.pem()),
		sub.secret(t, "sub", sub.pem(), root.pem()),
		sub.secret(t, "sub-alone", sub.pem(), nil),
		sub.secret(t, "sub-chain", slices.Concat(sub.pem(), root.pem()), nil),
		subOfSub.secret(t, "sub-of-sub", slices.Concat(subOfSub.pem(), sub.pem()), root.pem()))
	for name, key := range map[string]crypto.Signer{"rsa": rsaKey, "p384": ecdsaKey(t, elliptic.P384()), "p521": ecdsaKey(t, elliptic.P521()), "ed25519": edKey} {
		ca := newCA(t, "CA "+name, key, nil)
		all = append(all, ca.secret(t, name, ca.pem(), ca.pem()))
	}
	everywhere := newCA(t, "Everywhere", ecdsaKey(t, elliptic.P256()), nil)
	secret := everywhere.secret(t, "everywhere-root", everywhere.pem(), everywhere.pem())
	secret["metadata"].(object)["namespace"] = testbed.CertManagerNamespace
	return append(all, secret)
}

// ca is a CA that no Certificate asked for.
type ca struct {
	cert *x509.Certificate
	key  crypto.Signer
}

func ecdsaKey(t testing.TB, curve elliptic.Curve) crypto.Signer {
	t.Helper()
	key, err := ecdsa.GenerateKey(curve, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// newCA makes a CA, self-signed where it has no parent.
func newCA(t testing.TB, name string, key crypto.Signer, parent *ca) *ca {
	t.Helper()
	template := &x509.Certificate{
		SerialNumber: big.NewInt(time.Now().UnixNano()),
		Subject:      pkix.Name{CommonName: name, Organization: []string{"Test"}},
		NotBefore:    time.Now().Add(-time.Hour), NotAfter: time.Now().AddDate(50, 0, 0),
		KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageCRLSign, BasicConstraintsValid: true, IsCA: true,
	}
	issuer := &ca{template, key}
	if parent != nil {
		issuer = parent
	}
	der, err := x509.CreateCertificate(rand.Reader, template, issuer.cert, key.Public(), issuer.key)
	if err != nil {
		t.Fatal(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return &ca{cert, key}
}

func (c *ca) pem() []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: c.cert.Raw})
}

// secret returns the CA's Secret.
func (c *ca) secret(t testing.TB, name string, chain, root []byte) object {
	t.Helper()
	der, err := x509.MarshalPKCS8PrivateKey(c.key)
	if err != nil {
		t.Fatal(err)
	}
	data := object{"tls.crt": chain, "tls.key": pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})}
	if root != nil {
		data["ca.crt"] = root
	}
	return object{"apiVersion": "v1", "kind": "Secret", "metadata": object{"name": name}, "type": "kubernetes.io/tls", "data": data}
}
