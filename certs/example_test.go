package certs_test

import (
	"fmt"
	"time"

	"certgen/certs"
)

// A certificate is issued; a month later it is kept, and re-issued once another name is wanted.
func Example() {
	spec := certs.Spec{Name: "web-tls", DNSNames: []string{"web.example.com"}, Duration: "90d"}
	request, err := spec.Request()
	if err != nil {
		panic(err)
	}
	now := time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC)
	pair, _, err := certs.Issue(request, certs.SelfSigned{}, now)
	if err != nil {
		panic(err)
	}
	fmt.Println(pair.Leaf.Subject, pair.Names(), pair.Leaf.NotAfter)

	stored, err := pair.PEM()
	if err != nil {
		panic(err)
	}
	later := now.AddDate(0, 1, 0)
	fmt.Println("kept:", certs.MakePlan(request, stored, certs.SelfSigned{}, later).Keep != nil)

	spec.DNSNames = append(spec.DNSNames, "shop.example.com")
	if request, err = spec.Request(); err != nil {
		panic(err)
	}
	fmt.Println("re-issued:", certs.MakePlan(request, stored, certs.SelfSigned{}, later).Reasons)
	// Output:
	// CN=web.example.com [web.example.com] 2026-04-01 11:55:00 +0000 UTC
	// kept: true
	// re-issued: [DNS names changed (+shop.example.com)]
}

// All problems of a spec are reported at once, each with its field.
func ExampleSpec_Request() {
	_, err := certs.Spec{DNSNames: []string{"my_nginx"}, Duration: "1y", KeyAlgorithm: "dsa"}.Request()
	fmt.Println(err)
	// Output:
	// dnsNames "my_nginx": an underscore is not allowed in a host name
	// duration "1y": not a duration
	// privateKey.algorithm "dsa": the algorithms are ecdsa, rsa and ed25519
}
