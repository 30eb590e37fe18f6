package signing_test

import (
	"crypto/x509"
	"fmt"

	"certgen/certs/signing"
)

// A request names two hosts, and the CA certifies those below one domain.
func Example() {
	allowed, err := signing.ParseAllowed([]string{".shop.example"})
	if err != nil {
		panic(err)
	}
	csr := &x509.CertificateRequest{PublicKey: key.Public(), RawSubject: []byte{0x30, 0}, DNSNames: []string{"web.shop.example", "bank.example"}}
	_, _, err = signing.Terms{Allowed: allowed}.Request("web", csr)
	fmt.Println(err)

	csr.DNSNames = csr.DNSNames[:1]
	wanted, _, err := signing.Terms{Allowed: allowed}.Request("web", csr)
	fmt.Println(wanted.DNSNames, err)
	// Output:
	// dnsNames "bank.example": no rule allows it
	// [web.shop.example] <nil>
}
