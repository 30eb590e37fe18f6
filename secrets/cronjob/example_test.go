package cronjob_test

import (
	"fmt"
	"strings"

	"certgen/secrets/cronjob"
)

func ExampleOptions_Args() {
	o := cronjob.Options{Name: "certgen", Namespace: "ops", All: true, Shards: 4, MaxUnavailable: 2, Jitter: "7d"}
	fmt.Println(strings.Join(o.Args(), "\n"))
	// Output:
	// renew
	// --all-namespaces
	// --lease=ops/certgen-$(JOB_COMPLETION_INDEX)
	// --shard=$(JOB_COMPLETION_INDEX)/4
	// --max-unavailable=2
	// --jitter=7d
}
