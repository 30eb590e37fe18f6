package encoding_test

import (
	"fmt"
	"time"

	"certgen/certs"
	"certgen/certs/encoding"
)

// A key pair becomes a keystore, and is read back from it.
func Example() {
	request, err := certs.Spec{DNSNames: []string{"web.example.com"}}.Request()
	if err != nil {
		panic(err)
	}
	pair, _, err := certs.Issue(request, certs.SelfSigned{}, time.Now())
	if err != nil {
		panic(err)
	}
	keystore, err := encoding.EncodeKeystore(pair, encoding.PKCS12, "changeit", time.Now())
	if err != nil {
		panic(err)
	}

	material, err := encoding.Read(keystore, func(what string) ([]byte, error) {
		fmt.Println("password of", what)
		return []byte("changeit"), nil
	})
	if err != nil {
		panic(err)
	}
	back, notes, err := material.Pair(nil)
	fmt.Println(back.Names(), back.Fingerprint() == pair.Fingerprint(), notes, err)
	// Output:
	// password of the PKCS#12 file
	// [web.example.com] true [] <nil>
}
