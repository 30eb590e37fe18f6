package webpage_test

import (
	"bytes"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"certgen/render/report/inventory"
	"certgen/render/report/inventory/webpage"
)

// TestEdges: a certificate that begins with 1970 has a date, and a long name is not cut within a character.
func TestEdges(t *testing.T) {
	t.Parallel()
	p := webpage.Page{Now: time.Now(), Entries: []*inventory.Entry{{
		Kind: "File", Source: "a.crt", State: inventory.Expired, Certificates: 1, NotBefore: time.Unix(0, 0), NotAfter: time.Unix(0, 0),
		Subject: "CN=" + strings.Repeat("é", 1000),
	}}}
	var out bytes.Buffer
	if err := p.Write(&out); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`"b":0`, `"e":0`, `é…"`} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("the page has no %s", want)
		}
	}
	if strings.ContainsRune(out.String(), utf8.RuneError) {
		t.Error("a character was cut")
	}
}
