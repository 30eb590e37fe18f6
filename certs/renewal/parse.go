package renewal

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	"certgen/certs/pki"
)

// The fields that problems of this package name, besides [pki.FieldRenewBefore].
const (
	FieldPercentage pki.Field = "renewBeforePercentage"
	FieldPolicy     pki.Field = "renewal.policy"
	FieldWindows    pki.Field = "renewal.windows"
)

// The policies of a [Spec].
const (
	RenewBefore = "RenewBefore"
	Never       = "Disabled"
)

// leastUse is the least time between the making of a certificate and its renewal that a percentage may leave. It is
// cert-manager's MinimumRenewBefore, which it holds such a percentage against.
const leastUse = 5 * time.Minute

// Spec is spec.renewal of a Certificate as it is written.
type Spec struct {
	Policy  string       `json:"policy"`
	Windows []WindowSpec `json:"windows,omitempty"`
}

// WindowSpec is one of spec.renewal.windows as it is written.
type WindowSpec struct {
	Cron           string `json:"cron"`
	Timezone       string `json:"timezone,omitempty"`
	WindowDuration string `json:"windowDuration"`
}

// Parse checks when a certificate of some life is to be renewed: before its end, which [pki.ParseLife] has checked,
// 0 where it is not set; with so many percent of its life left, nil where that is not set; and by spec, nil where
// there is none. The Problems are all that is wrong at once.
func Parse(life, before time.Duration, percentage *int, spec *Spec) (Policy, pki.Problems) {
	p := Policy{Before: before}
	var problems pki.Problems
	if percentage != nil {
		p.Percentage = *percentage
		problems = percentageProblems(life, before, *percentage)
	}
	if spec == nil {
		return p, problems
	}
	switch spec.Policy {
	case RenewBefore:
	case Never:
		p.Disabled = true
		if len(spec.Windows) > 0 {
			problems = append(problems, pki.Problem{Field: FieldWindows, Value: spec.Windows[0].Cron,
				Reason: "windows are of no use where renewal.policy is " + Never, Hint: "leave the windows out, or set renewal.policy: " + RenewBefore})
		}
		return p, problems
	default:
		problems = append(problems, pki.Problem{Field: FieldPolicy, Value: spec.Policy,
			Reason: fmt.Sprintf("must be %s or %s", RenewBefore, Never)})
	}
	for i, written := range spec.Windows {
		w, ps := written.parse(fmt.Sprintf("%s[%d].", FieldWindows, i))
		p.Windows, problems = append(p.Windows, w), append(problems, ps...)
	}
	return p, problems
}

func percentageProblems(life, before time.Duration, percentage int) pki.Problems {
	problem := pki.Problem{Field: FieldPercentage, Value: strconv.Itoa(percentage)}
	use := time.Duration(float64(life) * float64(100-percentage) / 100)
	switch {
	case before > 0:
		problem.Reason, problem.Hint = "renewBefore is given as well", "leave one of the two out"
	case percentage < 1 || percentage > 99:
		problem.Reason = "must be 1 to 99"
	case use < leastUse:
		problem.Reason = fmt.Sprintf("of a life of %s it leaves %s until the renewal, and must leave %s or more",
			pki.FormatDuration(life), pki.FormatDuration(use), pki.FormatDuration(leastUse))
	default:
		return nil
	}
	return pki.Problems{problem}
}

// parse checks a window, whose fields are named with a prefix.
func (s WindowSpec) parse(prefix string) (w Window, problems pki.Problems) {
	w = Window{Cron: s.Cron, Timezone: s.Timezone}
	add := func(name, value, reason, hint string) {
		problems = append(problems, pki.Problem{Field: pki.Field(prefix + name), Value: value, Reason: reason, Hint: hint})
	}
	zone, err := parseZone(s.Timezone)
	if err != nil {
		add("timezone", s.Timezone, err.Error(), "an IANA name such as Europe/Berlin; UTC where it is left out")
		zone = time.UTC
	}
	if w.opens, err = parseCron(s.Cron, zone); err != nil {
		add("cron", s.Cron, err.Error(), `minute, hour, day of month, month and day of week, as in "0 2 * * 6"`)
	}
	w.Duration, err = time.ParseDuration(s.WindowDuration)
	switch {
	case s.WindowDuration == "":
		add("windowDuration", "", "is not set", `how long the window stays open, as in "4h"`)
	case err != nil || strings.Trim(s.WindowDuration, "0123456789.hms") != "" || strings.Contains(s.WindowDuration, "ms"):
		add("windowDuration", s.WindowDuration, "not a duration of hours, minutes and seconds", `as in "4h" or "1h30m"`)
	case w.Duration <= 0:
		add("windowDuration", s.WindowDuration, "must be more than 0", "")
	}
	return w, problems
}

// Spec is spec.renewal of the Certificate that has this policy; nil where it needs none.
func (p Policy) Spec() *Spec {
	switch {
	case p.Disabled:
		return &Spec{Policy: Never}
	case len(p.Windows) == 0:
		return nil
	}
	s := &Spec{Policy: RenewBefore}
	for _, w := range p.Windows {
		s.Windows = append(s.Windows, WindowSpec{w.Cron, w.Timezone, w.Duration.String()})
	}
	return s
}

// String writes a spec as JSON.
func (s Spec) String() string {
	text, _ := json.Marshal(s) // strings alone cannot fail
	return string(text)
}
