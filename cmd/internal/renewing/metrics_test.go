package renewing

import (
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"certgen/secrets/renew"
)

// TestMetrics: the alerts of docs/examples/monitoring are on metrics that are written, and every line is one that Prometheus reads.
func TestMetrics(t *testing.T) {
	t.Parallel()
	began := time.Unix(1_700_000_000, 0)
	text := string(metrics(renew.Summary{Seen: 5, Renewed: 1, Kept: 2, Failed: 2}, began, began.Add(1500*time.Millisecond), false))
	line := regexp.MustCompile(`^(# (HELP|TYPE) certgen_[a-z_]+ .+|certgen_[a-z_]+(\{result="[a-z_]+"\})? [0-9.]+)$`)
	for _, l := range strings.Split(strings.TrimSuffix(text, "\n"), "\n") {
		if !line.MatchString(l) {
			t.Errorf("%q", l)
		}
	}
	for _, want := range []string{`certgen_renew_certificates{result="failed"} 2`, "certgen_renew_success 0", "certgen_renew_duration_seconds 1.500", "certgen_renew_timestamp_seconds 1700000001"} {
		if !strings.Contains(text, "\n"+want+"\n") {
			t.Errorf("no line %s in\n%s", want, text)
		}
	}
	for _, path := range []string{"alerts.yaml", "README.md"} {
		page, err := os.ReadFile("../../../docs/examples/monitoring/" + path)
		if err != nil {
			t.Fatal(err)
		}
		names := regexp.MustCompile(`certgen_[a-z_]+`).FindAllString(string(page), -1)
		if len(names) < 3 {
			t.Errorf("%s names %q", path, names)
		}
		for _, name := range names {
			if !strings.Contains(text, "# TYPE "+name+" gauge\n") {
				t.Errorf("%s names %s, which is not written", path, name)
			}
		}
	}
}
