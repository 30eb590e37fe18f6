package report

import (
	"strings"
	"testing"
	"unicode/utf8"
)

func TestTableWithin(t *testing.T) {
	t.Parallel()
	header := []string{"PATH", "ADDRESS", "FROM HERE"}
	rows := [][]string{
		{"dns", "my-nginx.default.svc.cluster.local:443", "no: the name leads nowhere from this machine, as it should outside the cluster"},
		{"node-port", "", "yes"},
	}
	whole := Table(header, rows)
	if TableWithin(200, header, rows) != whole || strings.Count(whole, "\n") != 3 {
		t.Errorf("a terminal that is wide enough changes the table:\n%s", whole)
	}
	const want = `PATH        ADDRESS                            FROM HERE
dns         my-nginx.default.svc.cluster.local:443
                                               no: the name leads nowhere from
                                               this machine, as it should
                                               outside the cluster
node-port   <none>                             yes
`
	if got := TableWithin(80, header, rows); got != want {
		t.Errorf("80 columns:\n%s", got)
	}
	// Addresses stay whole, also where that is too wide.
	narrow := TableWithin(20, header, rows)
	if !strings.Contains(narrow, rows[0][1]) || strings.Contains(narrow, " \n") {
		t.Errorf("20 columns:\n%s", narrow)
	}
	for width := 70; width < 200; width++ {
		for line := range strings.Lines(TableWithin(width, header, rows)) {
			if utf8.RuneCountInString(line)-1 > width {
				t.Errorf("%d columns: %q", width, line)
			}
		}
	}
}
