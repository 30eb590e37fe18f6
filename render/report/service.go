package report

import (
	"slices"
	"strings"
)

// Route is one way to a Service, and what came of going it.
type Route struct {
	Path     string `json:"path"` // such as "port-forward", or "node-port"
	Port     string `json:"port"` // of the Service
	Address  string `json:"address"`
	Reached  bool   `json:"reached"`
	Verified bool   `json:"verified"`                          // it serves the Secret's certificate, and nothing is wrong with how
	Served   string `json:"servedFingerprintSHA256,omitempty"` // of the certificate; none where the handshake failed
	Latency  string `json:"latency,omitempty"`                 // from connecting to the end of the handshake, as a Go duration
	Why      string `json:"why,omitempty"`                     // it was not reached, or could not be verified
}

// shortFingerprint is how much of a fingerprint a table shows, in characters: 8 bytes tell any two apart.
const shortFingerprint = len("00:00:00:00:00:00:00:00")

// routesText is a table of routes for people, each line with an indent.
func routesText(routes []Route) string {
	header := []string{"PATH", "ADDRESS", "REACHED", "VERIFIED", "SERVED", "LATENCY"}
	if slices.ContainsFunc(routes, func(r Route) bool { return r.Why != "" }) {
		header = append(header, "WHY NOT")
	}
	var rows [][]string
	for _, r := range routes {
		row := []string{r.Path, r.Address, yesNo(r.Reached), yesNo(r.Verified), r.Served[:min(len(r.Served), shortFingerprint)], r.Latency}
		if r.Why != "" {
			row = append(row, r.Why)
		}
		rows = append(rows, row)
	}
	const indent = "  "
	table := strings.TrimSuffix(Table(header, rows), "\n")
	return indent + strings.ReplaceAll(table, "\n", "\n"+indent) + "\n"
}

func yesNo(b bool) string {
	if b {
		return "yes"
	}
	return "no"
}
