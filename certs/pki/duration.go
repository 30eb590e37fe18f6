package pki

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
)

const Day = 24 * time.Hour

// The lives that are issued.
const (
	// DefaultDuration is the tutorial's and openssl's usual -days 365.
	DefaultDuration = 365 * Day

	// DefaultAuthorityDuration is a CA's: what signs must outlive what it signs, and ten years are what mkcert and step
	// give their roots, too.
	DefaultAuthorityDuration = 3650 * Day

	// minDuration and minRenewBefore are cert-manager's bounds, so that a spec works there too:
	// https://pkg.go.dev/github.com/cert-manager/cert-manager/pkg/apis/certmanager/v1#pkg-constants
	minDuration    = time.Hour
	minRenewBefore = 5 * time.Minute

	// maxDuration keeps typing errors out: no algorithm in use is trusted for as long.
	maxDuration = 100 * 365 * Day

	// Backdate is how long before its making a certificate is valid already, so that a client whose clock
	// runs a little late takes it. It is cfssl's and Let's Encrypt's practice; part of the life.
	Backdate = 5 * time.Minute
)

// LastNotAfter is the end of the last year that a certificate can name: RFC 5280, section 4.1.2.5.
var LastNotAfter = time.Date(9999, 12, 31, 23, 59, 59, 0, time.UTC)

// ParseDuration reads a Go duration ("8760h", "90m"), days ("365d"), or days and less than a day more
// ("1d12h"). A day is 24 hours. Years and months are refused: they have no fixed length.
func ParseDuration(s string) (time.Duration, error) {
	notOne := errors.New("not a duration")
	text, rest, found := strings.Cut(s, "d")
	if !found {
		d, err := time.ParseDuration(s)
		if err != nil {
			return 0, notOne
		}
		return d, nil
	}
	const mostDays = int64(1<<63-1)/int64(Day) - 1
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil && !errors.Is(err, strconv.ErrRange) {
		return 0, notOne
	}
	if n > mostDays || n < -mostDays {
		return 0, errors.New("too long a duration")
	}
	var more time.Duration
	if rest != "" {
		if more, err = time.ParseDuration(rest); err != nil || more < 0 || more >= Day {
			return 0, notOne
		}
	}
	if n < 0 {
		more = -more
	}
	return time.Duration(n)*Day + more, nil
}

// FormatDuration writes a duration as [ParseDuration] reads it, in whole days where it is some.
func FormatDuration(d time.Duration) string {
	if d != 0 && d%Day == 0 {
		return fmt.Sprintf("%dd", d/Day)
	}
	s := d.String()
	if strings.HasSuffix(s, "m0s") {
		s = strings.TrimSuffix(s, "0s")
	}
	if strings.HasSuffix(s, "h0m") {
		s = strings.TrimSuffix(s, "0m")
	}
	return s
}

// ParseLife checks a duration and the renewBefore that goes with it; "" means the default. A zero
// renewBefore in the result means a third of the actual life, as in cert-manager.
func ParseLife(duration, renewBefore string) (life, before time.Duration, problems Problems) {
	// A certificate that is due as soon as it is made would be re-issued at every run.
	return parseLife(duration, renewBefore, Backdate)
}

// ParseLifeAsWritten is [ParseLife] by cert-manager's rule, which does not back-date: any renewBefore below the duration will do.
func ParseLifeAsWritten(duration, renewBefore string) (life, before time.Duration, problems Problems) {
	return parseLife(duration, renewBefore, 0)
}

// parseLife is [ParseLife] for certificates that have begun some time before they are made.
func parseLife(duration, renewBefore string, begun time.Duration) (life, before time.Duration, problems Problems) {
	life = DefaultDuration
	if duration != "" {
		d, reason, hint := checkDuration(duration, minDuration, maxDuration)
		if reason != "" {
			problems = append(problems, Problem{FieldDuration, duration, reason, hint})
		} else {
			life = d
		}
	}
	if renewBefore != "" {
		most := life - begun - time.Second
		d, reason, hint := checkDuration(renewBefore, minRenewBefore, most)
		if d >= life {
			reason = fmt.Sprintf("as long as the life of %s or longer, so it would always be due", FormatDuration(life))
		}
		if reason != "" {
			problems = append(problems, Problem{FieldRenewBefore, renewBefore, reason, hint})
		} else {
			before = d
		}
	}
	return life, before, problems
}

// checkDuration parses one and holds it between two bounds.
func checkDuration(s string, least, most time.Duration) (d time.Duration, reason, hint string) {
	d, err := ParseDuration(s)
	switch {
	case err != nil:
		return 0, err.Error(), `such as "365d" or "2160h"; years and months have no fixed length`
	case d < least:
		return d, fmt.Sprintf("must be %s or more", FormatDuration(least)), ""
	case d > most:
		return d, fmt.Sprintf("must be %s or less", FormatDuration(most)), ""
	case d%time.Second != 0:
		return d, "a certificate's dates have whole seconds", ""
	}
	return d, "", ""
}
