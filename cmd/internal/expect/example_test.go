package expect_test

import (
	"fmt"

	"github.com/spf13/cobra"

	"certgen/cmd/internal/expect"
)

// A word that makes no sense is refused before anything is read.
func Example() {
	var flags expect.Flags
	cmd := &cobra.Command{Use: "verify"}
	flags.AddTo(cmd)
	if err := cmd.ParseFlags([]string{"--for", "mail"}); err != nil {
		panic(err)
	}
	_, err := flags.Expectations(nil)
	fmt.Println(err)
	// Output: --for "mail": the purposes are server, client, both, ca
}
