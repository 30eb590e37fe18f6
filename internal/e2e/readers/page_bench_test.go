package readers

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"certgen/internal/e2e"
	"certgen/render/report/inventory"
	"certgen/render/report/inventory/webpage"
)

var entries = flag.Int("entries", 50_000, "how many entries the page of BenchmarkPage has")

// opened says when the page has been laid out, in milliseconds since it was asked for, and how long the longest of many
// steps to its end, and a search in all entries, took.
const opened = `<script>
document.body.offsetHeight;
const result = { opened: performance.now(), step: 0 };
for (let i = 0; i < 50; i++) {
	const start = performance.now();
	document.getElementById("more").click();
	scrollTo(0, document.body.scrollHeight);
	document.body.offsetHeight;
	result.step = Math.max(result.step, performance.now() - start);
}
result.shown = document.querySelectorAll("#entries li").length;
document.title = JSON.stringify(result);
</script></body>`

// BenchmarkPage opens a page of many entries in Chromium, and scrolls in it. The limit holds where CERTGEN_TEST_BARS=1
// says that the machine is quiet enough to judge.
func BenchmarkPage(b *testing.B) {
	const most = 2000 // milliseconds
	now := time.Now()
	page := webpage.Page{Title: "a large cluster", Now: now}
	for i := range *entries {
		name := fmt.Sprintf("web-%d", i)
		page.Entries = append(page.Entries, &inventory.Entry{
			Kind: "Secret", Namespace: fmt.Sprintf("namespace-%d", i%500), Name: name, Key: "tls.crt", State: inventory.OK, Certificates: 1, Subject: "CN=" + name,
			Issuer: "CN=Shop Root", Names: []string{name, name + ".shop", name + ".shop.svc", name + ".shop.svc.cluster.local"}, NotBefore: now,
			NotAfter: now.AddDate(0, 0, i%400), RenewAfter: now.AddDate(0, 0, i%300), ManagedBy: "certgen", UsedBy: []string{"deployment/" + name},
		})
	}
	var text bytes.Buffer
	if err := page.Write(&text); err != nil {
		b.Fatal(err)
	}
	html := bytes.Replace(policy.ReplaceAll(text.Bytes(), nil), []byte("</body>"), []byte(opened), 1)
	path := filepath.Join(b.TempDir(), "page.html")
	if err := os.WriteFile(path, html, 0o600); err != nil {
		b.Fatal(err)
	}
	e2e.Need(b, "chromium")
	var said struct {
		Opened, Step float64
		Shown        int
	}
	for b.Loop() {
		if err := json.Unmarshal([]byte(title(b, browse(b, path))), &said); err != nil || said.Shown < 1000 {
			b.Fatalf("%v, %d entries shown", err, said.Shown)
		}
	}
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(float64(len(html))/1e6, "MB")
	b.ReportMetric(said.Opened, "open-ms")
	b.ReportMetric(said.Step, "step-ms")
	if os.Getenv("CERTGEN_TEST_BARS") == "1" && said.Opened > most {
		b.Errorf("a page of %d entries opens in %.0f ms, want at most %d", *entries, said.Opened, most)
	}
}
