package pkitest

import (
	"fmt"
	"io"
)

// Certificates writes a manifest of n P-256 Certificates of twenty lines, which the Issuer "self" or "ca" signs, behind both
// Issuers and the CA's own Certificate.
func Certificates(w io.Writer, issuer string, n int) {
	fmt.Fprint(w, `apiVersion: cert-manager.io/v1
kind: Issuer
metadata: {name: self, namespace: shop}
spec: {selfSigned: {}}
---
apiVersion: cert-manager.io/v1
kind: Issuer
metadata: {name: ca, namespace: shop}
spec: {ca: {secretName: ca}}
---
apiVersion: cert-manager.io/v1
kind: Certificate
metadata: {name: ca, namespace: shop}
spec: {secretName: ca, isCA: true, commonName: ca, duration: 87600h, privateKey: {algorithm: ECDSA}, issuerRef: {name: self}}
`)
	for i := range n {
		fmt.Fprintf(w, `---
apiVersion: cert-manager.io/v1
kind: Certificate
metadata:
  name: web-%[1]d
  namespace: shop
spec:
  secretName: web-%[1]d
  dnsNames:
  - web-%[1]d
  - web-%[1]d.shop.svc
  duration: 2160h
  usages:
  - digital signature
  - server auth
  privateKey:
    algorithm: ECDSA
    encoding: PKCS8
  issuerRef:
    name: %[2]s
    kind: Issuer
`, i, issuer)
	}
}
