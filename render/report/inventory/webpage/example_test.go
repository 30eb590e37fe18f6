package webpage_test

import (
	"bytes"
	"fmt"
	"strings"
	"time"

	"certgen/render/report/inventory"
	"certgen/render/report/inventory/webpage"
)

// Whatever a name holds, it stays text.
func ExamplePage_Write() {
	now := time.Date(2027, 1, 31, 12, 0, 0, 0, time.UTC)
	p := webpage.Page{Title: "namespace shop", Now: now, Entries: []*inventory.Entry{{
		Kind: "Secret", Name: "web-tls", State: inventory.OK, Certificates: 1, NotAfter: now.AddDate(0, 1, 0),
		Subject: "CN=</script><script>alert(1)</script>", Issuer: "CN=shop",
	}}}
	var out bytes.Buffer
	if err := p.Write(&out); err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(strings.Contains(out.String(), "alert(1)</script>"), strings.Contains(out.String(), `"u":"CN=\u003c/script\u003e`))
	// Output: false true
}
