package report

import (
	"cmp"
	"fmt"
	"strings"
	"text/tabwriter"

	"certgen/render"
)

// Table sets rows in columns under a header, as kubectl does: nothing is cut off, and what is empty is
// "<none>".
func Table(header []string, rows [][]string) string {
	var out strings.Builder
	// kubectl's own widths: https://github.com/kubernetes/kubernetes/blob/v1.37.2/staging/src/k8s.io/cli-runtime/pkg/printers/tabwriter.go
	columns := tabwriter.NewWriter(&out, 6, 4, 3, ' ', 0)
	fmt.Fprintln(columns, strings.Join(header, "\t"))
	for _, row := range rows {
		cells := make([]string, len(row))
		for i, cell := range row {
			cells[i] = cmp.Or(render.Printable(cell), "<none>")
		}
		fmt.Fprintln(columns, strings.Join(cells, "\t"))
	}
	columns.Flush() // into memory, which does not fail
	return out.String()
}
