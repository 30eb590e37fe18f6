package certmanager_test

import (
	"context"
	"fmt"
	"io"
	"strings"

	"certgen/render"
	"certgen/secrets/certmanager"
	"certgen/secrets/provision"
)

// An issuer and a Certificate become a Secret.
func Example() {
	const manifest = `
apiVersion: cert-manager.io/v1
kind: Issuer
metadata: {name: self, namespace: shop}
spec: {selfSigned: {}}
---
apiVersion: cert-manager.io/v1
kind: Certificate
metadata: {name: web, namespace: shop}
spec:
  secretName: web-tls
  dnsNames: [web.shop.svc]
  privateKey: {algorithm: Ed25519}
  issuerRef: {name: self}
`
	source := certmanager.Source{Name: "shop.yaml", Open: func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(manifest)), nil }}
	store := provision.Printed{Encode: provision.EncodeManifest(render.YAML)}
	sum, err := certmanager.Run(context.Background(), []certmanager.Source{source}, store, certmanager.Options{}, func(d certmanager.Done) error {
		fmt.Println(d.Place, d.Result.Action, d.Result.Order.Secret.Path(), d.Result.Pair.Leaf.DNSNames)
		return nil
	})
	fmt.Println(sum.Issued, err)
	// Output:
	// shop.yaml:7:1 issued shop/web-tls [web.shop.svc]
	// 1 <nil>
}
