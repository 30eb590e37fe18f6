package certmanager_test

import (
	"fmt"

	"certgen/certs"
	"certgen/secrets"
	"certgen/secrets/certmanager"
)

// What a certificate is to be, in cert-manager's words.
func ExamplePrint() {
	request, err := certs.Spec{Name: "web", DNSNames: []string{"web.example.com"}, Duration: "90d"}.Request()
	if err != nil {
		panic(err)
	}
	issuer := certmanager.NewIssuer("shop", "")
	certificate, err := certmanager.NewCertificate(request, secrets.Meta{Name: "web-tls", Namespace: "shop"}, issuer)
	if err != nil {
		panic(err)
	}
	text, err := certmanager.Print(issuer, certificate)
	fmt.Print(string(text))
	fmt.Println(err)
	// Output:
	// ---
	// apiVersion: cert-manager.io/v1
	// kind: Issuer
	// metadata:
	//   name: selfsigned
	//   namespace: shop
	// spec:
	//   selfSigned: {}
	// ---
	// apiVersion: cert-manager.io/v1
	// kind: Certificate
	// metadata:
	//   name: web-tls
	//   namespace: shop
	// spec:
	//   secretName: web-tls
	//   issuerRef:
	//     name: selfsigned
	//     kind: Issuer
	//   commonName: web.example.com
	//   dnsNames:
	//   - web.example.com
	//   duration: 2160h
	//   privateKey:
	//     rotationPolicy: Always
	//     encoding: PKCS8
	//     algorithm: ECDSA
	//     size: 256
	//   usages:
	//   - digital signature
	//   - server auth
	// <nil>
}
