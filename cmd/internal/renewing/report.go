package renewing

import (
	"bytes"
	"fmt"

	"certgen/certs/pki"
	"certgen/cmd/internal/cli"
	"certgen/render"
	"certgen/secrets/cluster"
	"certgen/secrets/renew"
)

// report says what became of the certificates.
type report struct {
	*Flags
	suffix string
	mute   bool  // no Events can be recorded
	err    error // of standard output

	held *bytes.Buffer // the lines of the result, until --exec has succeeded; nil where nothing can take them back
}

func (o *Flags) newReport() *report {
	return &report{Flags: o, suffix: map[string]string{"client": " (dry run)", "server": " (server dry run)"}[o.dryRun]}
}

func (r *report) planned() bool { return r.dryRun != string(cluster.DryRunNone) }

// outcome tells of one certificate.
func (r *report) outcome(o renew.Outcome) {
	if o.Err != nil {
		err := cli.Explain(o.Err)
		r.streams.Printf("error: %s: %v", o.Ref, err)
		if hint := pki.HintOf(err); hint != "" {
			r.streams.Printf("hint: %s", hint)
		}
	}
	done := o.Result
	switch {
	case o.Undone:
	case o.Renewed():
		verb := "renewed"
		if r.planned() {
			verb = "would renew"
		}
		r.streams.Printf("%s: %s: %s; %s, valid until %s", verb, o.Ref, done.Detail, done.Signer, pki.FormatTime(done.Pair.Leaf.NotAfter))
		for _, warning := range done.Warnings {
			r.streams.Printf("warning: %s: %s", o.Ref, warning)
		}
		if o.Err == nil {
			r.print("%s renewed%s", o.Ref, r.suffix)
		}
	case done != nil && o.Err == nil:
		r.streams.Printf("kept: %s: another run has renewed it", o.Ref)
	case o.Err == nil:
		r.streams.Printf("%s: %s: %s", o.Decision.Verdict, o.Ref, o.Decision.Reason)
	}
	for _, ref := range o.Rolled {
		r.print("%s restarted%s", ref, r.suffix)
	}
}

// print writes a line of the result.
func (r *report) print(format string, args ...any) {
	line := fmt.Appendf(nil, format+"\n", args...)
	if r.held != nil {
		r.held.Write(line)
		return
	}
	if err := r.streams.Write(line); err != nil && r.err == nil {
		r.err = err
	}
}

// release writes the lines that were held back.
func (r *report) release() {
	if r.held != nil && r.held.Len() > 0 {
		r.err = r.streams.Write(r.held.Bytes())
	}
}

// end counts, and fails quietly where something failed that was said already.
func (r *report) end(sum renew.Summary) error {
	r.release()
	r.count(sum)
	switch {
	case r.err != nil:
		return r.err
	case sum.Failed > 0:
		return cli.ErrQuiet
	}
	return nil
}

// count says how many certificates came to what.
func (r *report) count(sum renew.Summary) {
	line := render.Count(sum.Seen, "certificate")
	renewed := "renewed"
	if r.planned() {
		renewed = "to be renewed"
	}
	for _, part := range []struct {
		count int
		what  string
	}{{sum.Renewed, renewed}, {sum.PutBack, "put back"}, {sum.Kept, "not due"}, {sum.Waiting, "waiting for a window"}, {sum.Foreign, "kept by others"}, {sum.Failed, "failed"}} {
		if part.count > 0 || part.what == renewed && sum.PutBack > 0 {
			line += fmt.Sprintf(", %d %s", part.count, part.what)
		}
	}
	r.streams.Printf("%s", line)
}
