package provision_test

import (
	"context"
	"fmt"
	"time"

	"certgen/secrets/provision"
)

// The slow job comes first, and so does its result.
func ExampleInOrder() {
	jobs := func(yield func(func() string) bool) {
		for _, pause := range []time.Duration{20 * time.Millisecond, 0} {
			if !yield(func() string { time.Sleep(pause); return pause.String() }) {
				return
			}
		}
	}
	err := provision.InOrder(context.Background(), jobs, func(result string) error {
		fmt.Println(result)
		return nil
	})
	fmt.Println(err)
	// Output:
	// 20ms
	// 0s
	// <nil>
}
