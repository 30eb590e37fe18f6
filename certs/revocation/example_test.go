package revocation_test

import (
	"fmt"
	"strings"

	"certgen/certs/revocation"
)

// What is no list is told apart from one that is damaged.
func Example() {
	_, err := revocation.Read("list.crl", strings.NewReader("Not Found"))
	fmt.Println(err)
	// Output: not a certificate revocation list: neither DER nor PEM of the type X509 CRL
}
