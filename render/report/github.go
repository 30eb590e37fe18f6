package report

import (
	"fmt"
	"io"
	"strings"

	"certgen/certs/lint"
	"certgen/render"
)

// github writes [workflow commands], each of which GitHub shows beside the line that it is about.
//
// [workflow commands]: https://docs.github.com/en/actions/reference/workflow-commands-for-github-actions
type github struct{ w io.Writer }

var (
	commandText  = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A")
	commandValue = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A", ":", "%3A", ",", "%2C")
)

func (g github) Add(v Verdict) error {
	line := ""
	if v.Line > 0 {
		line = fmt.Sprintf(",line=%d", v.Line)
	}
	command := func(level, title, message string) error {
		_, err := fmt.Fprintf(g.w, "::%s file=%s%s,title=%s::%s\n", level, commandValue.Replace(v.Source), line, commandValue.Replace(title), commandText.Replace(message))
		return err
	}
	if v.Error != "" {
		return command("error", "certgen verify", v.Error)
	}
	for _, f := range v.Findings {
		level := "error"
		if f.Severity == lint.Warning {
			level = "warning"
		}
		if err := command(level, f.ID, f.message(v.Place)); err != nil {
			return err
		}
	}
	return nil
}

func (github) Close() error { return nil }

// message is a finding in one text, with the object that it is about.
func (f Finding) message(at Place) string {
	object := ""
	if at.Object != "" {
		object = at.Object + ": "
	}
	return render.Printable(fmt.Sprintf("%s%s; breaks: %s; mend: %s", object, f.Detail, f.Breaks, f.Mend))
}
