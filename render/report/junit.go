package report

import (
	"encoding/xml"
	"io"

	"certgen/certs/lint"
	"certgen/render"
)

// junit writes a test suite for each verdict, and in it a test for each finding, or one that passes.
type junit struct {
	w     io.Writer
	fails func(lint.Severity) bool
	begun bool
}

type junitSuite struct {
	XMLName  xml.Name    `xml:"testsuite"`
	Name     string      `xml:"name,attr"`
	Tests    int         `xml:"tests,attr"`
	Failures int         `xml:"failures,attr"`
	Errors   int         `xml:"errors,attr"`
	Cases    []junitCase `xml:"testcase"`
}

type junitCase struct {
	Name      string       `xml:"name,attr"`
	ClassName string       `xml:"classname,attr"`
	File      string       `xml:"file,attr,omitempty"`
	Line      int          `xml:"line,attr,omitempty"`
	Failure   *junitResult `xml:"failure,omitempty"`
	Error     *junitResult `xml:"error,omitempty"`
	Output    string       `xml:"system-out,omitempty"`
}

type junitResult struct {
	Message string `xml:"message,attr"`
	Type    string `xml:"type,attr"`
	Text    string `xml:",chardata"`
}

func (j *junit) begin() error {
	if j.begun {
		return nil
	}
	j.begun = true
	_, err := io.WriteString(j.w, xml.Header+"<testsuites name=\"certgen verify\">\n")
	return err
}

func (j *junit) Add(v Verdict) error {
	if err := j.begin(); err != nil {
		return err
	}
	suite := junitSuite{Name: v.String()}
	add := func(c junitCase) {
		c.ClassName, c.File, c.Line = v.String(), v.Source, v.Line
		suite.Cases = append(suite.Cases, c)
	}
	for _, f := range v.Findings {
		c := junitCase{Name: f.ID, Output: f.message(v.Place)}
		if j.fails(f.Severity) {
			c.Failure, c.Output = &junitResult{render.Printable(f.Detail), string(f.Severity), c.Output}, ""
			suite.Failures++
		}
		add(c)
	}
	switch {
	case v.Error != "":
		add(junitCase{Name: "read", Error: &junitResult{Message: v.Error, Type: "unread"}})
		suite.Errors++
	case len(v.Findings) == 0:
		add(junitCase{Name: "no findings"})
	}
	suite.Tests = len(suite.Cases)
	out, err := xml.MarshalIndent(suite, "  ", "  ")
	if err == nil {
		_, err = j.w.Write(append(out, '\n'))
	}
	return err
}

func (j *junit) Close() error {
	if err := j.begin(); err != nil {
		return err
	}
	_, err := io.WriteString(j.w, "</testsuites>\n")
	return err
}
