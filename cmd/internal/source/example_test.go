package source_test

import (
	"context"
	"fmt"
	"strings"

	"certgen/cmd/internal/cli"
	"certgen/cmd/internal/source"
)

// Flags that make no sense are refused before anything is read.
func Example() {
	var flags source.SourceFlags
	_, err := flags.Reader(context.Background(), cli.IOStreams{In: strings.NewReader("")}, []string{"localhost:443"})
	fmt.Println(err)
	// Output: --timeout 0s: must be more than 0
}
