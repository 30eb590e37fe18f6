package provision_test

import (
	"context"
	"fmt"

	"certgen/certs"
	"certgen/render"
	"certgen/secrets"
	"certgen/secrets/provision"
)

// Two certificates, printed as YAML in the order in which they were ordered.
func Example() {
	var orders []provision.Order
	for _, name := range []string{"web", "shop"} {
		request, err := certs.Spec{Name: name, DNSNames: []string{name + ".example.com"}}.Request()
		if err != nil {
			panic(err)
		}
		orders = append(orders, provision.Order{
			Secret: secrets.Meta{Name: name},
			Means:  provision.Issue{Request: request, Issuer: certs.SelfSigned{}},
		})
	}
	store := provision.Printed{Encode: provision.EncodeManifest(render.YAML)}
	err := provision.Run(context.Background(), store, orders, provision.Options{Parallel: 2}, func(r provision.Result) error {
		fmt.Println(r.Order.Secret.Name, r.Action, r.Pair.Names(), len(r.Output) > 0)
		return nil
	})
	fmt.Println(err)
	// Output:
	// web issued [web.example.com] true
	// shop issued [shop.example.com] true
	// <nil>
}
