package cmd

import (
	"fmt"
	"io"
	"os"
	"strings"

	"golang.org/x/term"
)

// IOStreams are the three standard streams. Out carries the artefact and nothing else; all that is for
// people goes to Err.
type IOStreams struct {
	In  io.Reader
	Out io.Writer
	Err io.Writer

	plugin *strings.Replacer // where kubectl called: turns what people are told to type into its words
}

// printf writes a line for people. Nothing can be done about standard error failing.
func (s IOStreams) printf(format string, args ...any) {
	line := fmt.Sprintf(format, args...)
	if s.plugin != nil {
		line = s.plugin.Replace(line)
	}
	fmt.Fprintln(s.Err, line)
}

// write puts the artefact on standard output.
func (s IOStreams) write(data []byte) error {
	if _, err := s.Out.Write(data); err != nil {
		return outputError(err)
	}
	return nil
}

// outputError says why standard output could not be written.
func outputError(err error) error {
	if brokenPipe(err) {
		return errQuiet // the reader has had enough, as "| head -1"
	}
	return fmt.Errorf("write to standard output: %w", err)
}

// watched reports whether a person sees standard error as it is written.
func (s IOStreams) watched() bool { return isTerminal(s.Err) }

// isTerminal reports whether a stream ends at a terminal.
func isTerminal(stream any) bool {
	f, ok := stream.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}
