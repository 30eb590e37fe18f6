package form_test

import (
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"fmt"
	"math/big"

	"certgen/certs/lint/form"
)

// A certificate for servers whose number is zero, and whose common name is no name that clients look at.
func Example() {
	names := pkix.Extension{Id: asn1.ObjectIdentifier{2, 5, 29, 17}, Value: []byte{0x30, 3, 0x82, 1, 'a'}}
	c := &x509.Certificate{
		SerialNumber: new(big.Int), Extensions: []pkix.Extension{names}, DNSNames: []string{"a"},
		RawSubject: []byte{0x30, 2, 0x31, 0}, Subject: pkix.Name{CommonName: "b.example"},
	}
	for _, fault := range form.Certificate(c, form.Leaf) {
		fmt.Println(fault.ID)
	}
	// Output:
	// common-name
	// serial-number
}
