package cmd

import (
	"certgen/render"
	"io"
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
