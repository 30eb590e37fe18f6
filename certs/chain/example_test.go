package chain_test

import (
	"crypto/x509/pkix"
	"fmt"

	"certgen/certs/chain"
	"certgen/certs/pki"
)

// Names that differ in case and spaces alone are the same.
func Example() {
	encode := func(commonName string) string {
		raw, err := pki.MarshalSubject(pkix.Name{CommonName: commonName}.ToRDNSequence())
		if err != nil {
			panic(err)
		}
		return chain.Name(raw)
	}
	fmt.Println(encode("Example CA") == encode("  EXAMPLE   ca "), encode("Example CA") == encode("ExampleCA"))
	// Output: true false
}
