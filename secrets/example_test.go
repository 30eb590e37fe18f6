package secrets_test

import (
	"fmt"

	"certgen/certs/pki"
	"certgen/render"
	"certgen/secrets"
)

func ExampleNew() {
	pair := pki.PEM{Cert: []byte("the certificate"), Key: []byte("the key")}
	secret := secrets.New(secrets.Meta{Name: "web-tls", Namespace: "shop"}, pair, false)
	text, err := render.Encode(render.YAML, secret)
	fmt.Printf("%s%v\n", text, err)
	// Output:
	// ---
	// apiVersion: v1
	// kind: Secret
	// metadata:
	//   name: web-tls
	//   namespace: shop
	//   labels:
	//     app.kubernetes.io/managed-by: certgen
	// type: kubernetes.io/tls
	// data:
	//   tls.crt: dGhlIGNlcnRpZmljYXRl
	//   tls.key: dGhlIGtleQ==
	// <nil>
}

func ExampleServiceNames() {
	for _, name := range secrets.ServiceNames("my-nginx", "default", secrets.ClusterDomain) {
		fmt.Println(name)
	}
	// Output:
	// my-nginx
	// my-nginx.default
	// my-nginx.default.svc
	// my-nginx.default.svc.cluster.local
}

func ExampleMeta_Validate() {
	meta := secrets.Meta{Name: "Web_TLS", Labels: map[string]string{secrets.ManagedByLabel: "me"}}
	for _, problem := range meta.Validate() {
		fmt.Println(problem.Field, problem.Value)
	}
	// Output:
	// metadata.name Web_TLS
	// metadata.labels app.kubernetes.io/managed-by=me
}
