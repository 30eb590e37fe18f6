package report_test

import (
	"fmt"
	"time"

	"certgen/certs/lint"
	"certgen/render"
	"certgen/render/report"
)

// A verdict is text for people, and JSON for programs.
func ExampleVerdict() {
	rule := lint.Rule{ID: "plain-http", Severity: lint.Error, Breaks: "every client of https", Mend: "switch on TLS"}
	verdict := report.Verdict{
		Place:    report.Place{Source: "web.yaml", Object: "secret/web-tls"},
		Subject:  "CN=web.example.com",
		NotAfter: time.Date(2027, 1, 1, 12, 0, 0, 0, time.UTC),
		Findings: []report.Finding{report.NewFinding(rule.Found("it answers in plain HTTP"))},
	}
	fmt.Print(verdict.Text())
	text, err := render.Report(verdict)
	fmt.Printf("%s%v\n", text, err)
	// Output:
	// web.yaml secret/web-tls: 1 finding
	//   error plain-http: it answers in plain HTTP
	//     breaks: every client of https
	//     mend: switch on TLS
	// {
	//     "source": "web.yaml",
	//     "object": "secret/web-tls",
	//     "subject": "CN=web.example.com",
	//     "notAfter": "2027-01-01T12:00:00Z",
	//     "findings": [
	//         {
	//             "id": "plain-http",
	//             "severity": "error",
	//             "detail": "it answers in plain HTTP",
	//             "breaks": "every client of https",
	//             "mend": "switch on TLS"
	//         }
	//     ]
	// }
	// <nil>
}
