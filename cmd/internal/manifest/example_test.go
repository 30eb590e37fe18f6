package manifest_test

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"certgen/cmd/internal/manifest"
)

// Standard input becomes a source that can be read as often as it is needed.
func Example() {
	var flags manifest.Flags
	cmd := &cobra.Command{}
	flags.AddTo(cmd)
	if err := cmd.ParseFlags([]string{"-f", "-"}); err != nil {
		panic(err)
	}
	sources, remove, err := flags.Sources(context.Background(), strings.NewReader("kind: Certificate\n"))
	if err != nil {
		panic(err)
	}
	defer remove()
	fmt.Println(len(sources), sources[0].Name)
	// Output: 1 standard input
}
