package readers

import (
	"bytes"
	"flag"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"certgen/internal/e2e"
	"certgen/internal/testbed"
)

var update = flag.Bool("update", false, "write docs/readers.md anew")

// unable says why a client need not accept a type of key, "" where it has to. Newer ones may.
func unable(client string, key e2e.KeyType) string {
	if client == "NSS" && key.Algorithm == "ed25519" {
		return "not asked for: the NSS of Debian 12, version 3.87, knows no Ed25519"
	}
	return ""
}

// matrix has every client visit every specimen, and holds docs/readers.md against what came of it. -update
// writes the page anew.
func matrix(t *testing.T, specimens []specimen) {
	all := clients()
	columns := make([][]string, len(all))
	t.Run("clients", func(t *testing.T) {
		for i, c := range all {
			t.Run(c.name, func(t *testing.T) {
				t.Parallel()
				columns[i] = column(t, c, specimens)
			})
		}
	})
	t.Run("page", func(t *testing.T) {
		if slices.ContainsFunc(columns, func(column []string) bool { return column == nil }) {
			testbed.Missing(t, "docs/readers.md needs all clients, and one did not come to its end")
		}
		page := readersPage(specimens, all, columns)
		const path = "../../../docs/readers.md"
		if *update {
			e2e.Write(t, path, page)
		}
		if have := bytes.ReplaceAll(e2e.Read(t, path), []byte("\r\n"), []byte("\n")); !bytes.Equal(have, page) {
			t.Error("docs/readers.md is not what the clients do (go test ./internal/e2e/readers -run TestReaders -update writes it anew)")
		}
	})
}

// column has a client visit every specimen, and returns its column of the page.
func column(t *testing.T, c client, specimens []specimen) (cells []string) {
	t.Helper()
	var visits []visit
	for _, s := range specimens {
		ca := filepath.Join(s.dir, "ca.crt")
		to := func(host, ca string) visit { return visit{specimen: s, host: host, ca: ca} }
		visits = append(visits, to("one.example", ca), to("any.two.example", ca), to("one.example", ""), to("six.example", ca))
	}
	accepted := c.accepts(t, visits)
	for i, s := range specimens {
		named, covered, untrusted, misnamed := accepted[4*i], accepted[4*i+1], accepted[4*i+2], accepted[4*i+3]
		cell := "yes"
		if unable(c.name, s.key) != "" {
			cell, named, covered = "–", true, true
		}
		if !named || !covered || untrusted || misnamed {
			t.Errorf("%s, %s: accepts by name %t, by wildcard %t, without ca.crt %t, under another name %t", s.key.Name, s.issuer, named, covered, untrusted, misnamed)
			cell = "no"
		}
		cells = append(cells, cell)
	}
	return cells
}

// readersPage is docs/readers.md.
func readersPage(specimens []specimen, all []client, columns [][]string) []byte {
	var page bytes.Buffer
	page.WriteString(`# Who accepts what certgen makes

The tests give what ` + "`certgen create`" + ` makes, for each type of key and each sort of issuer, to a TLS server that the
programs below visit. "yes" says that a program accepts the server, under a name and under one that a wildcard
covers, when it is given ` + "`ca.crt`" + `; and that it refuses the server without ` + "`ca.crt`" + `, and under a name that is not
in the certificate.

OpenSSL and Python are as strict as they can be (` + "`-x509_strict`" + `, ` + "`VERIFY_X509_STRICT`" + `). NSS is given a root with
` + "`certutil -A -t C`" + `, and a self-signed certificate, which is no CA, with ` + "`-t P`" + `.

`)
	row := func(cells []string) { fmt.Fprintf(&page, "| %s |\n", strings.Join(cells, " | ")) }
	head := []string{"key", "issuer"}
	var notes []string
	for _, c := range all {
		head = append(head, c.name)
		for _, key := range e2e.KeyTypes() {
			if reason := unable(c.name, key); reason != "" {
				notes = append(notes, reason)
			}
		}
	}
	row(head)
	row(slices.Repeat([]string{"---"}, len(head)))
	for i, s := range specimens {
		cells := []string{s.key.Name, s.issuer}
		for _, column := range columns {
			cells = append(cells, column[i])
		}
		row(cells)
	}
	fmt.Fprintf(&page, "\n–: %s.\n", strings.Join(notes, "; "))
	return page.Bytes()
}
