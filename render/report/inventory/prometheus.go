package inventory

import (
	"bufio"
	"fmt"
	"io"
	"strings"
	"time"

	"certgen/certs/lint"
	"certgen/render"
)

// family is one metric, with a sample for each entry that has a value.
type family struct {
	name, help string
	labels     func(*Entry) []string // beside those that say where it is: name, value, name, value
	value      func(*Entry) (float64, bool)
}

// families are the metrics. Their names, units and labels are kept: alerts depend on them. They follow
// https://prometheus.io/docs/practices/naming/.
func families() []family {
	at := func(t func(*Entry) time.Time) func(*Entry) (float64, bool) {
		return func(e *Entry) (float64, bool) { return float64(t(e).Unix()), !t(e).IsZero() }
	}
	count := func(severity lint.Severity) func(*Entry) (float64, bool) {
		return func(e *Entry) (float64, bool) {
			n := 0
			for _, f := range e.Findings {
				if f.Severity == severity {
					n++
				}
			}
			return float64(n), true
		}
	}
	return []family{
		{"certgen_certificate_not_after_timestamp_seconds", "When the certificate ends, in seconds since 1970.", nil, at(func(e *Entry) time.Time { return e.NotAfter })},
		{"certgen_certificate_not_before_timestamp_seconds", "When the certificate begins to be valid, in seconds since 1970.", nil, at(func(e *Entry) time.Time { return e.NotBefore })},
		{"certgen_certificate_renew_after_timestamp_seconds", "When the certificate is to be renewed, in seconds since 1970.", nil, at(func(e *Entry) time.Time { return e.RenewAfter })},
		{"certgen_certificate_errors", "How many findings of severity error certgen verify has.", nil, count(lint.Error)},
		{"certgen_certificate_warnings", "How many findings of severity warning certgen verify has.", nil, count(lint.Warning)},
		{"certgen_certificate_info", "What the certificate says, and who manages it; always 1.", func(e *Entry) []string {
			return []string{"subject", e.Subject, "issuer", e.Issuer, "managed_by", e.ManagedBy}
		}, func(e *Entry) (float64, bool) { return 1, e.Certificates > 0 }},
	}
}

// Prometheus writes the entries in Prometheus' text format, as they were at a time:
// https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format
func Prometheus(w io.Writer, entries []*Entry, now time.Time) error {
	out := bufio.NewWriter(w)
	for _, f := range families() {
		fmt.Fprintf(out, "# HELP %s %s\n# TYPE %s gauge\n", f.name, f.help, f.name)
		for i := range entries {
			e := entries[i]
			value, ok := f.value(e)
			if !ok {
				continue
			}
			labels := []string{"source", e.Source, "kind", e.Kind, "namespace", e.Namespace, "name", e.Name, "key", e.Key}
			if f.labels != nil {
				labels = append(labels, f.labels(e)...)
			}
			fmt.Fprintf(out, "%s{%s} %.0f\n", f.name, labelText(labels), value)
		}
	}
	fmt.Fprintf(out, "# HELP certgen_certificates How many places hold certificates, by state.\n# TYPE certgen_certificates gauge\n")
	counts := map[State]int{}
	for i := range entries {
		counts[entries[i].State]++
	}
	for _, state := range States() {
		fmt.Fprintf(out, "certgen_certificates{state=%q} %d\n", state, counts[state])
	}
	fmt.Fprintf(out, "# HELP certgen_list_timestamp_seconds When the certificates were listed, in seconds since 1970.\n# TYPE certgen_list_timestamp_seconds gauge\ncertgen_list_timestamp_seconds %d\n", now.Unix())
	return out.Flush()
}

// labelText writes labels; an empty one is the same as none, and is left out.
func labelText(labels []string) string {
	escape := strings.NewReplacer(`\`, `\\`, `"`, `\"`)
	var text strings.Builder
	for i := 0; i < len(labels); i += 2 {
		if labels[i+1] == "" {
			continue
		}
		if text.Len() > 0 {
			text.WriteByte(',')
		}
		text.WriteString(labels[i] + `="` + escape.Replace(render.Printable(labels[i+1])) + `"`)
	}
	return text.String()
}
