package renew_test

import (
	"crypto/x509"
	"fmt"
	"time"

	"certgen/certs/renewal"
	"certgen/secrets/renew"
)

func ExampleChoice_Decide() {
	start := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	leaf := &x509.Certificate{NotBefore: start, NotAfter: start.AddDate(0, 0, 90)}
	for _, day := range []int{30, 70, 100} {
		fmt.Println(renew.Choice{}.Decide(leaf, renewal.Policy{}, start.AddDate(0, 0, day)).Reason)
	}
	// Output:
	// renews after 2026-03-02T00:00:00Z
	// due for renewal since 2026-03-02T00:00:00Z
	// expired at 2026-04-01T00:00:00Z
}
