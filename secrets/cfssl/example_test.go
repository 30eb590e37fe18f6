package cfssl_test

import (
	"fmt"

	"certgen/certs"
	"certgen/secrets/cfssl"
)

// A csr.json and a profile are what a certificate is issued from.
func Example() {
	spec, err := cfssl.ReadRequest("csr.json", []byte(`{"CN": "web.example", "hosts": ["web.example", "192.0.2.1"], "key": {"algo": "ecdsa", "size": 384}}`))
	if err != nil {
		panic(err)
	}
	profiles, err := cfssl.ReadProfiles("ca-config.json", []byte(`{"signing": {"default": {"usages": ["digital signature", "server auth"], "expiry": "720h"}}}`))
	if err != nil {
		panic(err)
	}
	profile, err := profiles.Find("")
	if err != nil {
		panic(err)
	}
	var request certs.Request
	request, err = profile.Apply(spec).Request()
	fmt.Println(request.Hosts(), request.Key, request.Duration, err)
	// Output: [web.example 192.0.2.1] ECDSA P-384 720h0m0s <nil>
}
