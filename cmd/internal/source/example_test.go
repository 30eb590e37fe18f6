package source_test

import (
	"context"
	"fmt"
	"strings"

	"certgen/cmd/internal/cli"
	"certgen/cmd/internal/source"
)

// What cannot be read is an item, too, with the reason.
func Example() {
	var flags source.SourceFlags
	reader, err := flags.Reader(context.Background(), cli.IOStreams{In: strings.NewReader("")}, []string{"no-such.crt"})
	if err != nil {
		panic(err)
	}
	for read := range reader.Read(context.Background()) {
		for _, item := range read().Items {
			fmt.Println(item.Err != nil)
		}
	}
	// Output: true
}
