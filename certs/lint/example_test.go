package lint_test

import (
	"fmt"
	"time"

	"certgen/certs"
	"certgen/certs/lint"
)

// A certificate is linted a year later, for a host that it does not name.
func Example() {
	request, err := certs.Spec{DNSNames: []string{"web.example.com"}, Duration: "90d"}.Request()
	if err != nil {
		panic(err)
	}
	made := time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC)
	pair, _, err := certs.Issue(request, certs.SelfSigned{}, made)
	if err != nil {
		panic(err)
	}
	text, err := pair.PEM()
	if err != nil {
		panic(err)
	}

	reading, err := lint.ReadTargets(text.Cert, nil)
	if err != nil {
		panic(err)
	}
	want := lint.Expectations{Hosts: []string{"shop.example.com"}, Now: made.AddDate(1, 0, 0)}
	for _, target := range reading.Targets {
		for _, finding := range target.Lint(want) {
			fmt.Println(finding.Rule.Severity, finding.Rule.ID)
		}
	}
	// Output:
	// error expired
	// error name-not-covered
}
