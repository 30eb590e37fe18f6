package inventory

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"certgen/certs/lint"
	"certgen/certs/pki"
	"certgen/render"
)

// left words a span of time as kubectl words an age, by its largest unit: "12d", "5h", "30m"; "0m" is less than a minute.
func left(d time.Duration) string {
	switch {
	case d >= pki.Day:
		return fmt.Sprintf("%dd", d/pki.Day)
	case d >= time.Hour:
		return fmt.Sprintf("%dh", d/time.Hour)
	}
	return fmt.Sprintf("%dm", d/time.Minute)
}

// life says how much of the certificate's life is left.
func (e *Entry) life(now time.Time) string {
	switch {
	case e.Certificates == 0:
		return ""
	case now.After(e.NotAfter):
		return "expired " + left(now.Sub(e.NotAfter)) + " ago"
	}
	return left(e.NotAfter.Sub(now))
}

// renewal says in how long the certificate is to be renewed.
func (e *Entry) renewal(now time.Time) string {
	switch {
	case e.RenewAfter.IsZero():
		return ""
	case !now.Before(e.RenewAfter):
		return "due"
	}
	return left(e.RenewAfter.Sub(now))
}

// where is the namespace, with how many others hold the same.
func (e *Entry) where() string {
	if e.Namespaces > 1 {
		return fmt.Sprintf("%s +%d", e.Namespace, e.Namespaces-1)
	}
	return e.Namespace
}

// called are the names that clients use, or else the subject.
func (e *Entry) called(all bool) string {
	switch {
	case len(e.Names) == 0 && e.Certificates > 1 && e.IsCA:
		return fmt.Sprintf("%s +%d", e.Subject, e.Certificates-1)
	case len(e.Names) == 0:
		return e.Subject
	}
	return shown(e.Names, all)
}

func (e *Entry) issuer() string {
	if e.SelfSigned() {
		return "itself"
	}
	return e.Issuer
}

// found counts the findings.
func (e *Entry) found() string {
	if len(e.Findings) == 0 {
		return ""
	}
	return strconv.Itoa(len(e.Findings))
}

// ids are those of the findings, each once, with how often it is there.
func (e *Entry) ids() string {
	var ids []string
	times := map[string]int{}
	for _, f := range e.Findings {
		if times[f.ID]++; times[f.ID] == 1 {
			ids = append(ids, f.ID)
		}
	}
	for i, id := range ids {
		if n := times[id]; n > 1 {
			ids[i] = fmt.Sprintf("%s (%d)", id, n)
		}
	}
	return strings.Join(ids, ", ")
}

// HasError reports whether a finding is an error.
func (e *Entry) HasError() bool {
	for _, f := range e.Findings {
		if f.Severity == lint.Error {
			return true
		}
	}
	return false
}

// maxShown is how many names a table shows at most: more is not read, but printed by programs, for which there is JSON.
const maxShown = 100

// shown joins names: all of them, up to a bound, or the first and how many more there are.
func shown(names []string, all bool) string {
	most := 1
	if all {
		most = maxShown
	}
	if more := len(names) - most; more > 0 {
		return strings.Join(names[:most], ", ") + fmt.Sprintf(" +%d", more)
	}
	return strings.Join(names, ", ")
}

// date writes a moment; "" for none.
func date(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return pki.FormatTime(t)
}

// Printable is [render.Printable] of what may be long: a name neither reverses the text around it nor fills the page.
func Printable(s string) string {
	const most = 1000 // octets: no table is that wide
	if len(s) > most {
		s = strings.ToValidUTF8(s[:most], "") + "…"
	}
	return render.Printable(s)
}
