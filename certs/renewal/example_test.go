package renewal_test

import (
	"fmt"
	"time"

	"certgen/certs/pki"
	"certgen/certs/renewal"
)

// A certificate of 90 days is to be renewed 30 days before its end, on a Saturday night in Berlin.
func ExampleParse() {
	policy, problems := renewal.Parse(90*pki.Day, 30*pki.Day, nil, &renewal.Spec{
		Policy:  renewal.RenewBefore,
		Windows: []renewal.WindowSpec{{Cron: "0 2 * * 6", Timezone: "Europe/Berlin", WindowDuration: "4h"}},
	})
	if len(problems) > 0 {
		fmt.Println(problems)
		return
	}
	made := time.Date(2026, 4, 1, 12, 0, 0, 0, time.UTC)
	due, _ := policy.At(made, made.Add(90*pki.Day))
	fmt.Println(due.UTC().Format(time.RFC1123))
	// Output: Sat, 06 Jun 2026 00:00:00 UTC
}
