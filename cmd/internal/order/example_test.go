package order_test

import (
	"fmt"

	"github.com/spf13/cobra"

	"certgen/cmd/internal/order"
)

// The flags of a command become what it is to bring about.
func Example() {
	var want order.Flags
	cmd := &cobra.Command{}
	want.AddTo(cmd)
	if err := cmd.ParseFlags([]string{"--service", "web", "-n", "shop"}); err != nil {
		panic(err)
	}
	target, err := want.Resolve(cmd.Flags(), "web-tls")
	fmt.Println(target.Secret.Namespace, target.Secret.Name, target.Service, err)
	// Output: shop web-tls web <nil>
}
