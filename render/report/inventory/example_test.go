package inventory_test

import (
	"os"
	"time"

	"certgen/certs/lint"
	"certgen/render/report/inventory"
)

func ExampleTable() {
	now := time.Date(2027, 1, 31, 12, 0, 0, 0, time.UTC)
	entry := func(name string, days int, renew int) *inventory.Entry {
		return &inventory.Entry{
			Kind: "Secret", Name: name, State: inventory.OK, Certificates: 1, Subject: "CN=" + name, Issuer: "CN=shop", Names: []string{name + ".example"},
			NotAfter: now.AddDate(0, 0, days), RenewAfter: now.AddDate(0, 0, renew), ManagedBy: "certgen", UsedBy: []string{"deployment/" + name},
		}
	}
	entries := []*inventory.Entry{entry("web", 60, 30), entry("api", 20, -10), entry("old", -3, -40)}
	entries[1].State = inventory.Due
	entries[2].State, entries[2].Findings = inventory.Expired, []inventory.Finding{{ID: "expired", Severity: lint.Error}}
	inventory.Sort(entries)
	inventory.Table(os.Stdout, entries, inventory.TableOptions{Now: now})
	// Output:
	// NAME         NAMES         ISSUER    LEFT             RENEWS   MANAGED BY   USED BY          FINDINGS
	// secret/old   old.example   CN=shop   expired 3d ago   due      certgen      deployment/old   1
	// secret/api   api.example   CN=shop   20d              due      certgen      deployment/api   <none>
	// secret/web   web.example   CN=shop   60d              30d      certgen      deployment/web   <none>
}
