package renewing_test

import (
	"bytes"
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"certgen/cmd/internal/cli"
	"certgen/cmd/internal/renewing"
)

func Example() {
	var out, messages bytes.Buffer
	cmd := &cobra.Command{Use: "renew"}
	flags := &renewing.Flags{}
	flags.AddTo(cmd, cli.IOStreams{Out: &out, Err: &messages})
	fmt.Println(flags.Run(context.Background(), cmd.Flags(), []string{"web.yaml", "web-tls"}))
	// Output:
	// web.yaml is a file, which goes with files alone
}
