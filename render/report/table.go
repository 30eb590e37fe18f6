package report

import (
	"cmp"
	"fmt"
	"strings"
	"unicode/utf8"

	"certgen/render"
)

// kubectl's own widths: https://github.com/kubernetes/kubernetes/blob/v1.37.2/staging/src/k8s.io/cli-runtime/pkg/printers/tabwriter.go
const (
	cellMin = 6
	cellGap = 3
)

// Table sets rows in columns under a header, as kubectl does: nothing is cut off, and what is empty is
// "<none>".
func Table(header []string, rows [][]string) string { return TableWithin(0, header, rows) }

// TableWithin is [Table] for a terminal of a width: where the rows are longer, the widest columns go on in the next line,
// between words alone, so that addresses stay whole. A width of 0 is no bound.
func TableWithin(width int, header []string, rows [][]string) string {
	grid := [][]string{header}
	for _, row := range rows {
		cells := make([]string, len(row))
		for i, cell := range row {
			cells[i] = cmp.Or(render.Printable(cell), "<none>")
		}
		grid = append(grid, cells)
	}
	var out strings.Builder
	widths := columnWidths(grid, width)
	for _, row := range grid {
		for _, line := range rowLines(row, widths) {
			last := len(line) - 1
			for i, cell := range line[:last] {
				fmt.Fprintf(&out, "%-*s", max(cellMin, widths[i]+cellGap), cell)
			}
			fmt.Fprintln(&out, line[last])
		}
	}
	return out.String()
}

// columnWidths are how wide the columns may be, so that a row fits into width if words allow it.
func columnWidths(grid [][]string, width int) []int {
	widths, least := make([]int, len(grid[0])), make([]int, len(grid[0])) // least is the longest word
	for _, row := range grid {
		for i, cell := range row {
			widths[i] = max(widths[i], utf8.RuneCountInString(cell))
			for _, word := range strings.Fields(cell) {
				least[i] = max(least[i], utf8.RuneCountInString(word))
			}
		}
	}
	if width > 0 { // a long URL must not leave the others without room
		for i := range least {
			least[i] = min(least[i], 2*width/5)
		}
	}
	for width > 0 && lineWidth(widths) > width {
		widest := -1
		for i := range widths {
			if widths[i] > least[i] && (widest < 0 || widths[i] > widths[widest]) {
				widest = i
			}
		}
		if widest < 0 {
			break
		}
		widths[widest]--
	}
	return widths
}

// lineWidth is how wide a row with columns of these widths is.
func lineWidth(widths []int) (sum int) {
	last := len(widths) - 1
	for _, w := range widths[:last] {
		sum += max(cellMin, w+cellGap)
	}
	return sum + widths[last]
}

// rowLines sets a row in as many lines as it takes. A word that is wider than its column ends its line, and the columns
// after it go on below.
func rowLines(row []string, widths []int) (lines [][]string) {
	top := 0
	for i, cell := range row {
		height, wide := 0, false
		for n, text := range wrap(cell, widths[i]) {
			for len(lines) <= top+n {
				lines = append(lines, nil)
			}
			for len(lines[top+n]) < i {
				lines[top+n] = append(lines[top+n], "")
			}
			lines[top+n] = append(lines[top+n], text)
			height, wide = n+1, wide || utf8.RuneCountInString(text) > widths[i]
		}
		if wide {
			top += height
		}
	}
	return lines
}

// wrap breaks a text between words into lines of a width; it stays as it is where it fits.
func wrap(text string, width int) []string {
	if utf8.RuneCountInString(text) <= width {
		return []string{text}
	}
	var lines []string
	line := ""
	for _, word := range strings.Fields(text) {
		if line != "" && utf8.RuneCountInString(line)+1+utf8.RuneCountInString(word) > width {
			lines, line = append(lines, line), ""
		}
		line = strings.TrimPrefix(line+" "+word, " ")
	}
	return append(lines, line)
}
