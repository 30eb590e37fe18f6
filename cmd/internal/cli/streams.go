package cli

import (
	"context"
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

	Plugin *strings.Replacer // where kubectl called: turns what people are told to type into its words
}

// Printf writes a line for people. Nothing can be done about standard error failing.
func (s IOStreams) Printf(format string, args ...any) {
	line := fmt.Sprintf(format, args...)
	if s.Plugin != nil {
		line = s.Plugin.Replace(line)
	}
	fmt.Fprintln(s.Err, line)
}

// Write puts the artefact on standard output.
func (s IOStreams) Write(data []byte) error {
	if _, err := s.Out.Write(data); err != nil {
		return OutputError(err)
	}
	return nil
}

// OutputError says why standard output could not be written.
func OutputError(err error) error {
	if brokenPipe(err) {
		return ErrQuiet // the reader has had enough, as "| head -1"
	}
	return fmt.Errorf("write to standard output: %w", err)
}

// ReadIn reads at most so many bytes of standard input. It ends with ctx: nothing can stop who reads from a pipe that stays silent.
func (s IOStreams) ReadIn(ctx context.Context, most int64) ([]byte, error) {
	type read struct {
		data []byte
		err  error
	}
	done := make(chan read, 1)
	go func() {
		data, err := io.ReadAll(io.LimitReader(s.In, most))
		done <- read{data, err}
	}()
	select {
	case r := <-done:
		return r.data, r.err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// Watched reports whether a person sees standard error as it is written.
func (s IOStreams) Watched() bool { return IsTerminal(s.Err) }

// Width is the number of columns of the terminal that a stream ends at; 0 where it ends elsewhere, or none is known.
func Width(stream any) int {
	width, _ := Size(stream)
	return width
}

// Size is the number of columns and lines of the terminal that a stream ends at; 0 where it ends elsewhere, or none is known.
func Size(stream any) (width, height int) {
	f, ok := stream.(*os.File)
	if !ok {
		return 0, 0
	}
	width, height, err := term.GetSize(int(f.Fd()))
	if err != nil {
		return 0, 0
	}
	return width, height
}

// IsTerminal reports whether a stream ends at a terminal.
func IsTerminal(stream any) bool {
	f, ok := stream.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}
