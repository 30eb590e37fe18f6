package inventory

import (
	"bufio"
	"cmp"
	"io"

	"certgen/render"
)

// Items writes the entries as one document with a list "items", in JSON or YAML.
func Items(w io.Writer, f render.Format, entries []*Entry) error {
	out := bufio.NewWriter(w)
	items := render.NewItems(out, f)
	for i := range entries {
		e := *entries[i]
		if e.Findings == nil {
			e.Findings = []Finding{} // for programs there always is a list
		}
		if err := items.Add(e); err != nil {
			return err
		}
	}
	return cmp.Or(items.Close(), out.Flush())
}
