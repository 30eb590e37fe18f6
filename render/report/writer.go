package report

import (
	"io"

	"certgen/certs/lint"
	"certgen/render"
)

// Format is a form in which verdicts are reported.
type Format string

// The formats: for people, for programs, and for pipelines: SARIF 2.1.0 for code scanning, JUnit's XML for test reports,
// and the workflow commands that GitHub shows as annotations.
const (
	Text   Format = "text"
	JSON   Format = "json"
	SARIF  Format = "sarif"
	JUnit  Format = "junit"
	GitHub Format = "github"
)

// Formats are all of them, the default first.
func Formats() []Format { return []Format{Text, JSON, SARIF, JUnit, GitHub} }

// A Writer writes verdicts one by one, so that no more than one of them is held.
type Writer interface {
	Add(v Verdict) error
	Close() error // ends the report, and not what it is written to
}

// Options say what a report is told of all verdicts.
type Options struct {
	Rules []lint.Rule              // that there are
	Fails func(lint.Severity) bool // whether a finding fails the run
}

// NewWriter begins a report.
func NewWriter(w io.Writer, format Format, options Options) Writer {
	switch format {
	case JSON:
		return items{render.NewItems(w, render.JSON)}
	case SARIF:
		return &sarif{w: w, rules: options.Rules}
	case JUnit:
		return &junit{w: w, fails: options.Fails}
	case GitHub:
		return github{w}
	}
	return text{w}
}

type text struct{ w io.Writer }

func (t text) Add(v Verdict) error {
	_, err := io.WriteString(t.w, v.Text())
	return err
}

func (text) Close() error { return nil }

type items struct{ list *render.Items }

func (i items) Add(v Verdict) error { return i.list.Add(v) }
func (i items) Close() error        { return i.list.Close() }
