package readers

import (
	"bytes"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/json"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"certgen/certs/pki"
	"certgen/internal/e2e"
	"certgen/internal/faulty"
	"certgen/internal/pkitest"
	"certgen/internal/testbed"
)

// hostileNames are what whoever makes a certificate may write into it against those who look at lists.
var hostileNames = []string{
	`=HYPERLINK("http://example.com","web")`, "+1+cmd|' /C calc'!A0", "@SUM(1)", "-2+3", "\t=1+1",
	`<script>document.title="run"</script>`, `"><img src=x onerror="document.title='run'">`, "</script><script>document.title='run'//", "{{.}}", "`${document.title='run'}`",
	"\x1b[31mred\x1b]0;title\x07", "\u202egro.elpmaxe", `quote " backslash \ end`, "two\nlines",
}

// hostileManifest holds a Secret for each of the names, which stands in its subject and, as far as a certificate can hold
// it there, among its hosts; and one with many names.
func hostileManifest(t *testing.T) (path string, keys []string) {
	t.Helper()
	var manifest bytes.Buffer
	add := func(name string, change func(*x509.Certificate)) {
		pair := pkitest.Issue(t, name, nil, pkitest.ECKey(t), change)
		key, err := pki.EncodeKey(pair.Key)
		if err != nil {
			t.Fatal(err)
		}
		keys = append(keys, string(key))
		manifest.WriteString("---\n" + faulty.Secret(pki.PEM{Cert: pki.EncodeCertificates(pair.Cert), Key: key}))
	}
	for _, name := range hostileNames {
		add(name, func(c *x509.Certificate) {
			c.Subject = pkix.Name{CommonName: name, Organization: []string{name}}
			if !strings.ContainsFunc(name, func(r rune) bool { return r > '~' }) {
				c.DNSNames = []string{name}
			}
		})
	}
	add("many", func(c *x509.Certificate) {
		for i := range 5000 {
			c.DNSNames = append(c.DNSNames, fmt.Sprintf("name-%d.example", i))
		}
	})
	path = filepath.Join(t.TempDir(), "hostile.yaml")
	e2e.Write(t, path, manifest.Bytes())
	return path, keys
}

// TestListOfHostileNames: whatever a certificate says, a list of it neither commands a terminal nor a spreadsheet, and what
// programs read of it is whole. No form of it shows a key.
func TestListOfHostileNames(t *testing.T) {
	t.Parallel()
	manifest, keys := hostileManifest(t)
	shown := map[string]string{}
	for _, format := range []string{"table", "wide", "name", "json", "yaml", "csv", "prometheus"} {
		out := e2e.Output(t, "", e2e.Certgen(t), "list", manifest, "-o", format)
		shown[format] = out
		if strings.ContainsAny(out, "\x1b\x07\x00\t\u202e") {
			t.Errorf("-o %s commands terminals:\n%q", format, out)
		}
		for _, key := range keys {
			if body := strings.Split(key, "\n")[1]; strings.Contains(out, body) || strings.Contains(out, "PRIVATE KEY") {
				t.Fatalf("-o %s shows a key", format)
			}
		}
		if want := len(hostileNames) + 1; format == "table" && strings.Count(out, "\n") != want+1 {
			t.Errorf("%d lines for %d entries:\n%s", strings.Count(out, "\n"), want, out)
		}
	}
	var list struct {
		Items []struct {
			Subject string
			Names   []string
		}
	}
	if err := json.Unmarshal([]byte(shown["json"]), &list); err != nil {
		t.Fatal(err)
	}
	most := 0
	for _, item := range list.Items {
		most = max(most, len(item.Names))
	}
	if len(list.Items) != len(hostileNames)+1 || most < 5000 {
		t.Errorf("%d entries with at most %d names", len(list.Items), most)
	}
	python := e2e.Need(t, "python3")
	t.Run("csv", func(t *testing.T) {
		rows := e2e.Output(t, shown["csv"], python, "-c", `
import csv, sys
rows = list(csv.DictReader(sys.stdin))
for row in rows:
    assert len(row) == 20 and None not in row, row
    for name, cell in row.items():
        if name != "daysLeft":
            assert not cell.lstrip().startswith(("=", "+", "-", "@")), cell
print(len(rows))`)
		if rows != fmt.Sprintln(len(hostileNames)+1) {
			t.Errorf("a CSV reader finds %s rows", rows)
		}
		if !strings.Contains(shown["csv"], "\r\n") {
			t.Error("lines do not end as RFC 4180 has it")
		}
	})
	t.Run("prometheus", func(t *testing.T) {
		reader := testbed.Program{Name: "promtext", Dir: "promtext", Module: "github.com/prometheus/common", Package: "."}.Path(t)
		ends, subject := 0, ""
		for line := range strings.Lines(e2e.Output(t, shown["prometheus"], reader)) {
			var sample struct {
				Metric string
				Labels map[string]string
				Value  float64
			}
			if err := json.Unmarshal([]byte(line), &sample); err != nil {
				t.Fatal(err)
			}
			if sample.Metric == "certgen_certificate_not_after_timestamp_seconds" && sample.Value > 1e9 {
				ends++
			}
			if sample.Metric == "certgen_certificate_info" && strings.Contains(sample.Labels["subject"], "quote") {
				subject = sample.Labels["subject"]
			}
		}
		if want := len(hostileNames) + 1; ends != want || !strings.Contains(subject, `quote \" backslash \\ end`) {
			t.Errorf("Prometheus reads %d ends, want %d, and the name %s", ends, want, subject)
		}
	})
}
