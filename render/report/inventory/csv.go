package inventory

import (
	"encoding/csv"
	"io"
	"strconv"
	"strings"

	"certgen/render"
)

// csvHeader names the columns as the fields of the JSON.
var csvHeader = []string{
	"source", "kind", "group", "namespace", "namespaces", "name", "key", "state", "certificates", "subject", "names", "issuer",
	"isCA", "notBefore", "notAfter", "daysLeft", "renewAfter", "managedBy", "usedBy", "findings",
}

// CSV writes the entries as RFC 4180 has it, with a header; what is a list in JSON is parted by spaces. No spreadsheet
// takes a cell for a formula.
func CSV(w io.Writer, entries []*Entry) error {
	out := csv.NewWriter(w)
	out.UseCRLF = true
	if err := out.Write(csvHeader); err != nil {
		return err
	}
	for i := range entries {
		e := entries[i]
		daysLeft := ""
		if e.Certificates > 0 {
			daysLeft = strconv.Itoa(e.DaysLeft)
		}
		err := out.Write([]string{
			harmless(e.Source), harmless(e.Kind), harmless(e.Group), harmless(e.Namespace), strconv.Itoa(max(1, e.Namespaces)),
			harmless(e.Name), harmless(e.Key), string(e.State), strconv.Itoa(e.Certificates), harmless(e.Subject),
			harmless(strings.Join(e.Names, " ")), harmless(e.Issuer), strconv.FormatBool(e.IsCA), date(e.NotBefore), date(e.NotAfter),
			daysLeft, date(e.RenewAfter), harmless(e.ManagedBy), harmless(strings.Join(e.UsedBy, " ")), findingIDs(e),
		})
		if err != nil {
			return err
		}
	}
	out.Flush()
	return out.Error()
}

// harmless makes a text from outside one that is shown, and not computed: https://owasp.org/www-community/attacks/CSV_Injection
func harmless(text string) string {
	text = render.Printable(text)
	if strings.ContainsRune("=+-@\uff1d\uff0b\uff0d\uff20", firstRune(text)) { // also in full width
		return "'" + text
	}
	return text
}

// firstRune is that of a text behind blanks; a space for none.
func firstRune(text string) rune {
	for _, r := range strings.TrimSpace(text) {
		return r
	}
	return ' '
}

// findingIDs are those of the findings, in their order.
func findingIDs(e *Entry) string {
	var ids []string
	for _, f := range e.Findings {
		ids = append(ids, f.ID)
	}
	return strings.Join(ids, " ")
}
