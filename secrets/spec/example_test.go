package spec_test

import (
	"fmt"

	"certgen/certs"
	"certgen/secrets/spec"
)

func Example() {
	request, err := certs.Spec{Name: "web-tls", DNSNames: []string{"web.shop.svc"}, Duration: "90d"}.Request()
	if err != nil {
		fmt.Println(err)
		return
	}
	text := spec.Of(request, certs.SelfSigned{}, spec.Issuer{})
	fmt.Println(text)

	again, issuer, err := spec.Parse(text)
	fmt.Println(again.DNSNames, again.Duration, issuer.SelfSigned, err)
	// Output:
	// {"literalSubject":"CN=web.shop.svc","dnsNames":["web.shop.svc"],"duration":"2160h0m0s","privateKey":{"algorithm":"ecdsa","size":256},"usages":["digital signature","server auth"],"issuer":{"selfSigned":true}}
	// [web.shop.svc] 2160h0m0s true <nil>
}
