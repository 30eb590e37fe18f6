package inventory

import (
	"bufio"
	"cmp"
	"io"
	"strings"
	"time"
	"unicode/utf8"

	"certgen/render"
	"certgen/render/report"
)

// TableOptions say how a table is set.
type TableOptions struct {
	Now        time.Time
	Wide       bool // all columns and names, however long the lines are
	Namespaces bool // with the column NAMESPACE
	Width      int  // of the terminal, in columns: longer lines are cut to it; 0 is no bound
	Palette    report.Palette
}

// column is one of a table.
type column struct {
	title  string
	cell   func(*Entry) string
	paint  func(*Entry) report.Colour // nil where it is never coloured
	spared int                        // where columns do not fit, those with the lowest number above 0 are left out first
	least  int                        // how narrow it may become
	width  int
}

// gap is between two columns: kubectl's.
const gap = 3

// columns are those of the table wanted.
func (o TableOptions) columns() []column {
	name := column{title: "NAME", cell: (*Entry).Ref, least: 16}
	names := column{title: "NAMES", cell: func(e *Entry) string { return e.called(o.Wide) }, least: 12}
	issuer := column{title: "ISSUER", cell: (*Entry).issuer, spared: 1, least: 10}
	manager := column{title: "MANAGED BY", cell: func(e *Entry) string { return e.ManagedBy }, spared: 3, least: 10}
	users := column{title: "USED BY", cell: func(e *Entry) string { return shown(e.UsedBy, o.Wide) }, spared: 4, least: 10}
	life := column{title: "LEFT", cell: func(e *Entry) string { return e.life(o.Now) }, paint: paintState, least: 12}
	renews := column{title: "RENEWS", cell: func(e *Entry) string { return e.renewal(o.Now) }, paint: paintDue, spared: 2, least: 6}
	found := column{title: "FINDINGS", cell: (*Entry).found, paint: paintFindings, least: 8}
	var all []column
	if o.Namespaces {
		all = append(all, column{title: "NAMESPACE", cell: (*Entry).where, least: 9})
	}
	if !o.Wide {
		return append(all, name, names, issuer, life, renews, manager, users, found)
	}
	found.cell = (*Entry).ids
	return append(all, name,
		column{title: "KEY", cell: func(e *Entry) string { return e.Key }}, names, issuer, life,
		column{title: "EXPIRES", cell: func(e *Entry) string { return date(e.NotAfter) }, paint: paintState},
		column{title: "RENEWS", cell: func(e *Entry) string { return date(e.RenewAfter) }, paint: paintDue},
		manager, users, found)
}

func paintState(e *Entry) report.Colour {
	switch e.State {
	case Expired:
		return report.Bad
	case Due:
		return report.Soon
	}
	return report.Plain
}

func paintDue(e *Entry) report.Colour {
	if e.State == Due {
		return report.Soon
	}
	return report.Plain
}

func paintFindings(e *Entry) report.Colour {
	switch {
	case e.HasError():
		return report.Bad
	case len(e.Findings) > 0:
		return report.Soon
	}
	return report.Plain
}

// Table writes the entries as a table, a line each, in their order.
func Table(w io.Writer, entries []*Entry, o TableOptions) error {
	columns := o.columns()
	for i := range columns {
		columns[i].width = len(columns[i].title)
	}
	for i := range entries {
		for n := range columns {
			columns[n].width = max(columns[n].width, utf8.RuneCountInString(columns[n].text(entries[i])))
		}
	}
	if o.Width > 0 && !o.Wide {
		columns = fit(columns, o.Width)
	}
	out := bufio.NewWriter(w)
	line := func(cell func(*column) (string, report.Colour)) {
		for i := range columns {
			text, colour := cell(&columns[i])
			text = cut(text, columns[i].width)
			out.WriteString(o.Palette.Paint(colour, text))
			if i < len(columns)-1 {
				out.WriteString(strings.Repeat(" ", columns[i].width+gap-utf8.RuneCountInString(text)))
			}
		}
		out.WriteByte('\n')
	}
	line(func(c *column) (string, report.Colour) { return c.title, report.Plain })
	for i := range entries {
		line(func(c *column) (string, report.Colour) {
			if c.paint == nil {
				return c.text(entries[i]), report.Plain
			}
			return c.text(entries[i]), c.paint(entries[i])
		})
	}
	return out.Flush()
}

func (c *column) text(e *Entry) string { return cmp.Or(Printable(c.cell(e)), "<none>") }

// fit leaves out columns until the others have room, and then makes the widest narrower.
func fit(columns []column, width int) []column {
	for {
		least, spared := 0, -1
		for i, c := range columns {
			least += min(c.width, c.least) + gap
			if c.spared > 0 && (spared < 0 || c.spared < columns[spared].spared) {
				spared = i
			}
		}
		if least-gap <= width || spared < 0 {
			break
		}
		columns = append(columns[:spared], columns[spared+1:]...)
	}
	for total(columns) > width {
		widest := -1
		for i, c := range columns {
			if c.width > c.least && (widest < 0 || c.width > columns[widest].width) {
				widest = i
			}
		}
		if widest < 0 {
			break
		}
		columns[widest].width--
	}
	return columns
}

func total(columns []column) (sum int) {
	for _, c := range columns {
		sum += c.width + gap
	}
	return sum - gap
}

// cut shortens a text to a width, and shows that it did.
func cut(text string, width int) string {
	if utf8.RuneCountInString(text) <= width {
		return text
	}
	runes := []rune(text)
	return string(runes[:width-1]) + "…"
}

// Names writes the entries as kubectl's "-o name" does: "secret/web-tls", with the API group where it is not the core's.
func Names(w io.Writer, entries []*Entry) error {
	out := bufio.NewWriter(w)
	for i := range entries {
		e := entries[i]
		name := e.Ref()
		if e.Group != "" {
			name = strings.ToLower(e.Kind) + "." + e.Group + "/" + e.Name
		}
		out.WriteString(render.Printable(name))
		out.WriteByte('\n')
	}
	return out.Flush()
}
