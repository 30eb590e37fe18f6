package renewing

import (
	"fmt"
	"strings"
	"time"

	"certgen/render/file"
	"certgen/secrets/renew"
)

// metrics are what a run did, in Prometheus' text format:
// https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format
func metrics(sum renew.Summary, began, ended time.Time, failed bool) []byte {
	var b strings.Builder
	gauge := func(name, help string) { fmt.Fprintf(&b, "# HELP %s %s\n# TYPE %[1]s gauge\n", name, help) }
	gauge("certgen_renew_certificates", "How many certificates the last run saw, by what became of them.")
	for _, part := range []struct {
		result string
		count  int
	}{{"renewed", sum.Renewed}, {"put_back", sum.PutBack}, {"not_due", sum.Kept}, {"waiting", sum.Waiting}, {"foreign", sum.Foreign}, {"failed", sum.Failed}} {
		fmt.Fprintf(&b, "certgen_renew_certificates{result=%q} %d\n", part.result, part.count)
	}
	gauge("certgen_renew_restarted_workloads", "How many workloads the last run restarted.")
	fmt.Fprintf(&b, "certgen_renew_restarted_workloads %d\n", sum.Rolled)
	gauge("certgen_renew_duration_seconds", "How long the last run took.")
	fmt.Fprintf(&b, "certgen_renew_duration_seconds %.3f\n", ended.Sub(began).Seconds())
	gauge("certgen_renew_timestamp_seconds", "When the last run ended, in seconds since 1970.")
	fmt.Fprintf(&b, "certgen_renew_timestamp_seconds %d\n", ended.Unix())
	gauge("certgen_renew_success", "Whether the last run did all that was due.")
	fmt.Fprintf(&b, "certgen_renew_success %d\n", map[bool]int{true: 0, false: 1}[failed || sum.Failed+sum.PutBack > 0])
	return []byte(b.String())
}

// writeMetrics writes them to a file that node_exporter's textfile collector reads whole.
func (o *Flags) writeMetrics(sum renew.Summary, began time.Time, failed bool) error {
	if o.metricsFile == "" {
		return nil
	}
	if err := file.WriteFiles(file.File{Path: o.metricsFile, Data: metrics(sum, began, time.Now(), failed)}); err != nil {
		return fmt.Errorf("--metrics-file: %w", err)
	}
	return nil
}
