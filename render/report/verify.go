package report

import (
	"fmt"
	"strings"
	"time"

	"certgen/certs/lint"
	"certgen/render"
)

// Place is where a certificate stands.
type Place struct {
	Source string `json:"source"`           // the file, "-", HOST:PORT, or the cluster's Secret
	Object string `json:"object,omitempty"` // in a manifest: the Secret, and its entry if that is not the pair
	Line   int    `json:"line,omitempty"`   // in a manifest: that of the entry, counted from 1; of what has a finding
}

func (p Place) String() string {
	return render.Printable(strings.TrimSpace(p.Source + " " + p.Object))
}

// Verdict is what verifying one certificate found.
type Verdict struct {
	Place
	Error    string    `json:"error,omitempty"` // why it could not be verified
	Server   *Server   `json:"server,omitempty"`
	Subject  string    `json:"subject,omitempty"` // none where no certificate could be read
	NotAfter time.Time `json:"notAfter,omitzero"`
	LookedAt bool      `json:"onlyLookedAt,omitempty"` // CA certificates without roots to verify them against
	Routes   []Route   `json:"routes,omitempty"`       // to a Service
	Findings []Finding `json:"findings"`
}

// Finding is [lint.Finding] in a report.
type Finding struct {
	ID       string        `json:"id"`
	Severity lint.Severity `json:"severity"`
	Detail   string        `json:"detail"`
	Breaks   string        `json:"breaks"`
	Mend     string        `json:"mend"`
}

// NewFinding puts a finding into a report.
func NewFinding(f lint.Finding) Finding {
	return Finding{f.Rule.ID, f.Rule.Severity, f.Detail, f.Rule.Breaks, f.Rule.Mend}
}

// Explanation says what a rule means, as docs/findings.md does.
func Explanation(r lint.Rule) string {
	text := fmt.Sprintf("- breaks: %s\n- mend: %s\n", r.Breaks, r.Mend)
	if r.Source != "" {
		text += fmt.Sprintf("- source: %s\n", r.Source)
	}
	return text
}

// Text is the verdict for people: a line, under it the routes, and under these the findings. An error is none.
func (v Verdict) Text() string {
	state := "ok"
	switch {
	case v.Error != "":
		return ""
	case len(v.Findings) > 0:
		state = render.Count(len(v.Findings), "finding")
	case v.LookedAt:
		state = "looked at, not verified: CA certificates, and --ca names no roots for them"
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %s\n", v.Place, state)
	if len(v.Routes) > 0 {
		b.WriteString(routesText(v.Routes))
	}
	for _, f := range v.Findings {
		fmt.Fprintf(&b, "  %s %s: %s\n    breaks: %s\n    mend: %s\n", f.Severity, f.ID, render.Printable(f.Detail), f.Breaks, f.Mend)
	}
	return b.String()
}
