package pki_test

import (
	"fmt"

	"certgen/certs/pki"
)

// Host names are stored as clients compare them.
func ExampleParseDNSName() {
	for _, host := range []string{"My-Nginx.default.svc", "bücher.example", "my_nginx"} {
		name, err := pki.ParseDNSName(host)
		fmt.Printf("%q %v\n", name, err)
	}
	// Output:
	// "my-nginx.default.svc" <nil>
	// "xn--bcher-kva.example" <nil>
	// "" "my_nginx": an underscore is not allowed in a host name
}

func ExampleParseDuration() {
	for _, text := range []string{"90d", "2160h", "1d12h", "1y"} {
		d, err := pki.ParseDuration(text)
		fmt.Println(pki.FormatDuration(d), err)
	}
	// Output:
	// 90d <nil>
	// 90d <nil>
	// 36h <nil>
	// 0s not a duration
}

// A certificate that is due for renewal before it is made is refused.
func ExampleParseLife() {
	life, before, problems := pki.ParseLife("90d", "100d")
	fmt.Println(life, before)
	for _, p := range problems {
		fmt.Println(p)
	}
	// Output:
	// 2160h0m0s 0s
	// renewBefore "100d": as long as the life of 90d or longer, so it would always be due
}
