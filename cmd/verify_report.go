package cmd

import (
	"errors"
	"fmt"
	"io"

	"certgen/cmd/internal/cli"
	"certgen/render"
)

// verifyReport writes the verdicts as they come, and counts.
type verifyReport struct {
	out              io.Writer
	items            *render.Items // nil for text
	verified, faulty int
	others, skipped  int
	failed           bool
}

func (r *verifyReport) add(v verdicts) error {
	r.others += v.Others
	r.skipped += v.Skipped
	r.failed = r.failed || len(v.errs) > 0
	for _, verdict := range v.verdicts {
		if verdict.Error == "" {
			r.verified++
		}
		if len(verdict.Findings) > 0 {
			r.faulty++
		}
		if r.items != nil {
			if err := r.items.Add(verdict); err != nil {
				return err
			}
		} else if _, err := io.WriteString(r.out, verdict.Text()); err != nil {
			return err
		}
	}
	return nil
}

func (r *verifyReport) close() error {
	if r.items == nil {
		return nil
	}
	return r.items.Close()
}

// conclude sums up for people and turns what was found into the exit code.
func (o *verifyOptions) conclude(r *verifyReport) error {
	if r.verified == 0 && !r.failed {
		o.streams.ReportError(cli.WithHint(errors.New("nothing to verify: no certificate in any SOURCE"), "certgen verify takes Secrets of type kubernetes.io/tls, files of certificates, and servers"))
		r.failed = true
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
	case r.faulty > 0:
		return cli.ErrFound
	}
	return nil
}
