package cmd

import (
	"errors"
	"fmt"
	"slices"

	"certgen/certs/lint"
	"certgen/cmd/internal/cli"
	"certgen/cmd/internal/source"
	"certgen/render"
	"certgen/render/report"
)

// verifyReport writes the verdicts as they come, and counts.
type verifyReport struct {
	report.Writer
	fails            func(lint.Severity) bool
	verified, faulty int
	others, skipped  int
	passed           source.Passed
	found, failed    bool // whether a finding fails the run, and whether something could not be verified
}

func (r *verifyReport) add(v verdicts) error {
	r.others += v.Others
	r.skipped += v.Skipped
	r.passed.Add(v.Passed)
	r.failed = r.failed || len(v.errs) > 0
	for _, verdict := range v.verdicts {
		if verdict.Error == "" {
			r.verified++
		}
		if len(verdict.Findings) > 0 {
			r.faulty++
		}
		r.found = r.found || slices.ContainsFunc(verdict.Findings, func(f report.Finding) bool { return r.fails(f.Severity) })
		if err := r.Add(verdict); err != nil {
			return err
		}
	}
	return nil
}

// conclude sums up for people and turns what was found into the exit code.
func (o *verifyOptions) conclude(r *verifyReport) error {
	if r.verified == 0 && !r.failed {
		o.streams.ReportError(cli.WithHint(errors.New("nothing to verify: no certificate in any SOURCE"), "certgen verify takes Secrets of type kubernetes.io/tls, files of certificates, and servers"))
		r.failed = true
	}
	if note := r.passed.Note(); note != "" {
		o.streams.Printf("note: %s", note)
	}
	summary := render.Count(r.verified, "certificate") + " examined, no findings"
	switch {
	case r.faulty > 0:
		summary = fmt.Sprintf("%s examined, %d with findings", render.Count(r.verified, "certificate"), r.faulty)
	case r.verified == 0:
		summary = "no certificate examined"
	}
	if r.others > 0 {
		summary += fmt.Sprintf("; %s passed over", render.Count(r.others, "other object"))
	}
	if r.skipped > 0 {
		summary += fmt.Sprintf("; %s passed over", render.Count(r.skipped, "other file"))
	}
	o.streams.Printf("%s", summary)
	switch {
	case r.failed:
		return cli.TroubleError{Err: cli.ErrQuiet} // what it was has been said
	case r.found:
		return cli.ErrFound
	}
	return nil
}
