package manifest

import (
	"fmt"
	"maps"
	"slices"

	"certgen/cmd/internal/cli"
	"certgen/render"
	"certgen/secrets/certmanager"
	"certgen/secrets/provision"
)

// Report tells people what became of the Certificates in manifests.
type Report struct {
	streams cli.IOStreams
	planned bool // nothing was done
	again   map[string]int

	progress *cli.Progress
}

// NewReport begins a report; planned says that nothing is done.
func NewReport(streams cli.IOStreams, planned bool) *Report {
	return &Report{streams: streams, planned: planned, again: map[string]int{}}
}

// Begin shows how far things are to who watches, unless the result itself goes by there.
func (s *Report) Begin(certificates int) {
	if !cli.IsTerminal(s.streams.Out) {
		s.progress = s.streams.NewProgress(certificates)
	}
}

// Done says what became of one; what was kept is only counted.
func (s *Report) Done(d certmanager.Done) {
	if s.says(d) {
		s.progress.Clear()
	}
	s.tell(d)
	if d.Result != nil {
		s.progress.Step()
	}
}

// says reports whether there is anything to tell of one.
func (s *Report) says(d certmanager.Done) bool {
	return d.Err != nil || d.Result != nil && (d.Result.Err != nil || d.Result.Action != provision.Kept || len(d.Result.Notes)+len(d.Result.Warnings) > 0)
}

func (s *Report) tell(d certmanager.Done) {
	switch {
	case d.Err != nil:
		s.streams.ReportError(d.Err)
	case d.Result == nil:
	case d.Result.Err != nil:
		s.streams.ReportError(fmt.Errorf("%s: %s: %w", d.Place, d.Result.Order.Secret.Path(), d.Result.Err))
	default:
		r := d.Result
		if r.Action != provision.Kept {
			s.streams.Printf("%s: secret/%s: %s, %s", r.Action.Words(s.planned), r.Order.Secret.Path(), r.Detail, r.Signer)
		}
		for _, note := range r.Notes {
			s.once("note: ", r.Order.Secret.Path(), note)
		}
		for _, warning := range r.Warnings {
			s.once("warning: ", r.Order.Secret.Path(), warning)
		}
	}
}

// once says what is known of one certificate; what is the same for others is only counted.
func (s *Report) once(kind, secret, text string) {
	if s.again[kind+text]++; s.again[kind+text] == 1 && len(s.again) <= maxSaid {
		s.streams.Printf("%s%s: %s", kind, secret, text)
	}
}

// maxSaid bounds how many different notes and warnings are written for one input.
const maxSaid = 1000

// End counts, and fails quietly where something failed that was said already.
func (s *Report) End(sum certmanager.Summary) error {
	s.progress.Clear()
	for _, text := range slices.Sorted(maps.Keys(s.again)) {
		if more := s.again[text] - 1; more > 0 {
			s.streams.Printf("%s (so are %d more)", text, more)
		}
	}
	line := render.Count(sum.Issued+sum.Reissued+sum.Kept+sum.Failed, "Certificate")
	for _, part := range []struct {
		count int
		what  string
	}{{sum.Issued, "issued"}, {sum.Reissued, "re-issued"}, {sum.Kept, "kept"}, {sum.Failed, "failed"}} {
		if part.count > 0 {
			line += fmt.Sprintf(", %d %s", part.count, part.what)
		}
	}
	if sum.Unusable > 0 {
		line += fmt.Sprintf("; %s cannot be used", render.Count(sum.Unusable, "other object"))
	}
	s.streams.Printf("%s", line)
	if !sum.Whole() {
		return cli.ErrQuiet
	}
	return nil
}
