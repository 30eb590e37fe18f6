package pkitest

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// LimboCase is a chain of x509-limbo (https://x509-limbo.com) with the verdict that a client should reach.
type LimboCase struct {
	ID       string
	Expected string     `json:"expected_result"`
	Kind     string     `json:"validation_kind"`
	Leaf     string     `json:"peer_certificate"`
	Others   []string   `json:"untrusted_intermediates"`
	Roots    []string   `json:"trusted_certs"`
	Time     *time.Time `json:"validation_time"`
	CRLs     []string
	Name     *struct{ Value string } `json:"expected_peer_name"`
}

// Limbo reads the suite, which is no part of the project and so never required: the test is skipped where it is neither in the
// folder that CERTGEN_LIMBO names nor beside the project, whose root is given.
func Limbo(t testing.TB, root string) []LimboCase {
	t.Helper()
	folder := os.Getenv("CERTGEN_LIMBO")
	if folder == "" {
		folder = filepath.Join(root, "..", "shared", "x509-limbo")
	}
	data, err := os.ReadFile(filepath.Join(folder, "limbo.json"))
	if err != nil {
		t.Skip("x509-limbo is not here: CERTGEN_LIMBO names the folder with its limbo.json")
	}
	var suite struct{ Testcases []LimboCase }
	if err := json.Unmarshal(data, &suite); err != nil {
		t.Fatal(err)
	}
	return suite.Testcases
}
