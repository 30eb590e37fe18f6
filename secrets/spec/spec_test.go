package spec

import (
	"fmt"
	"strings"
	"testing"

	"certgen/certs"
)

// TestBounded: what does not fit is left out, and what no run of certgen wrote is refused.
func TestBounded(t *testing.T) {
	t.Parallel()
	names := make([]string, 5000)
	for i := range names {
		names[i] = fmt.Sprintf("host-%d.example.com", i)
	}
	request, err := certs.Spec{Name: "many", DNSNames: names}.Request()
	if err != nil {
		t.Fatal(err)
	}
	if text := Of(request, certs.SelfSigned{}, Issuer{}); text != "" {
		t.Errorf("5000 names are kept in %d bytes", len(text))
	}
	for _, text := range []string{"", "{}", `{"dnsNames":["-"]}`, `{"dnsNames":"web"}`, strings.Repeat(" ", maxText+1)} {
		if _, _, err := Parse(text); err == nil {
			t.Errorf("%.40q is read", text)
		}
	}
}
