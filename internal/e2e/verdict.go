package e2e

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
)

// Verdict is what certgen verify says of a server.
type Verdict struct {
	Server struct {
		TLS                      string
		AsksForClientCertificate bool
	}
	Findings []struct{ ID, Detail string }
}

// IDs are those of the findings, separated by spaces.
func (v Verdict) IDs() string {
	var ids []string
	for _, f := range v.Findings {
		ids = append(ids, f.ID)
	}
	return strings.Join(ids, " ")
}

// VerifyServer has certgen verify the server at an address.
func VerifyServer(t *testing.T, address string, args ...string) Verdict {
	t.Helper()
	r := Execute(t, "", Certgen(t), slices.Concat([]string{"verify", address, "-o", "json"}, args)...)
	var report struct{ Items []Verdict }
	if err := json.Unmarshal([]byte(r.Stdout), &report); err != nil || len(report.Items) != 1 {
		t.Fatalf("exit %d: %v\n%s%s", r.Code, err, r.Stdout, r.Stderr)
	}
	if (r.Code == 1) != (len(report.Items[0].Findings) > 0) {
		t.Errorf("exit %d\n%s", r.Code, r.Stdout)
	}
	return report.Items[0]
}
