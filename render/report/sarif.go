package report

import (
	"encoding/json"
	"io"
	"net/url"
	"path/filepath"
	"slices"
	"strings"

	"certgen/certs/lint"
	"certgen/render"
)

// sarif writes one run of [SARIF 2.1.0]: the rules, then a result for each finding. What could not be read is told at the end.
//
// [SARIF 2.1.0]: https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html
type sarif struct {
	w       io.Writer
	rules   []lint.Rule
	begun   bool
	results int
	unread  []sarifNotification
}

type sarifText struct {
	Text string `json:"text"`
}

type sarifRule struct {
	ID            string     `json:"id"`
	Short         sarifText  `json:"shortDescription"`
	Help          sarifText  `json:"help"`
	Configuration sarifLevel `json:"defaultConfiguration"`
}

type sarifLevel struct {
	Level lint.Severity `json:"level"` // SARIF has the same two words
}

type sarifResult struct {
	RuleID    string          `json:"ruleId"`
	RuleIndex int             `json:"ruleIndex"`
	Level     lint.Severity   `json:"level"`
	Message   sarifText       `json:"message"`
	Locations []sarifLocation `json:"locations"`
}

type sarifLocation struct {
	Physical sarifPhysical  `json:"physicalLocation"`
	Logical  []sarifLogical `json:"logicalLocations,omitempty"`
}

type sarifPhysical struct {
	Artifact sarifArtifact `json:"artifactLocation"`
	Region   *sarifRegion  `json:"region,omitempty"`
}

type sarifArtifact struct {
	URI string `json:"uri"`
}

type sarifRegion struct {
	StartLine int `json:"startLine"`
}

type sarifLogical struct {
	FullyQualifiedName string `json:"fullyQualifiedName"`
}

type sarifNotification struct {
	Level     lint.Severity   `json:"level"`
	Message   sarifText       `json:"message"`
	Locations []sarifLocation `json:"locations"`
}

func (s *sarif) begin() error {
	if s.begun {
		return nil
	}
	s.begun = true
	rules := make([]sarifRule, 0, len(s.rules))
	for _, r := range s.rules {
		rules = append(rules, sarifRule{r.ID, sarifText{"breaks " + r.Breaks}, sarifText{r.Mend}, sarifLevel{r.Severity}})
	}
	driver, err := json.Marshal(map[string]any{"driver": map[string]any{"name": "certgen", "rules": rules}})
	if err != nil {
		return err
	}
	const head = `{"$schema":"https://json.schemastore.org/sarif-2.1.0.json","version":"2.1.0","runs":[{"tool":`
	_, err = io.WriteString(s.w, head+string(driver)+",\n\"results\":[")
	return err
}

func (s *sarif) Add(v Verdict) error {
	if err := s.begin(); err != nil {
		return err
	}
	at := []sarifLocation{locationOf(v.Place)}
	if v.Error != "" {
		s.unread = append(s.unread, sarifNotification{lint.Error, sarifText{v.Error}, at})
	}
	for _, f := range v.Findings {
		index := slices.IndexFunc(s.rules, func(r lint.Rule) bool { return r.ID == f.ID })
		out, err := json.Marshal(sarifResult{f.ID, index, f.Severity, sarifText{f.message(v.Place)}, at})
		if err != nil {
			return err
		}
		separator := ",\n"
		if s.results == 0 {
			separator = "\n"
		}
		if s.results++; err == nil {
			_, err = io.WriteString(s.w, separator+string(out))
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// locationOf names a file by a relative or absolute URI, and what is no file by its text as one.
func locationOf(p Place) sarifLocation {
	l := sarifLocation{Physical: sarifPhysical{Artifact: sarifArtifact{fileURI(filepath.ToSlash(p.Source), filepath.IsAbs(p.Source))}}}
	if p.Line > 0 {
		l.Physical.Region = &sarifRegion{p.Line}
	}
	if p.Object != "" {
		l.Logical = []sarifLogical{{render.Printable(p.Object)}}
	}
	return l
}

// fileURI writes a path with slashes; the drive of one on Windows is no host (RFC 8089, appendix E.2).
func fileURI(path string, absolute bool) string {
	uri := url.URL{Path: path}
	if absolute {
		uri.Scheme = "file"
		if !strings.HasPrefix(path, "/") {
			uri.Path = "/" + path
		}
	}
	return uri.String()
}

func (s *sarif) Close() error {
	if err := s.begin(); err != nil {
		return err
	}
	invocation := map[string]any{"executionSuccessful": len(s.unread) == 0}
	if len(s.unread) > 0 {
		invocation["toolExecutionNotifications"] = s.unread
	}
	out, err := json.Marshal([]any{invocation})
	if err == nil {
		_, err = io.WriteString(s.w, "\n],\n\"invocations\":"+string(out)+"}]}\n")
	}
	return err
}
