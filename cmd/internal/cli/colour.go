package cli

import (
	"io"
	"os"

	"certgen/render/report"
)

// Colours returns the palette for what is written to a stream, and what ends its use. Colours are for a
// terminal, unless its user wants none (https://no-color.org).
func Colours(out io.Writer) (palette report.Palette, end func()) {
	if !IsTerminal(out) || os.Getenv("NO_COLOR") != "" || os.Getenv("TERM") == "dumb" {
		return report.Palette{}, func() {}
	}
	restore, ok := obeyEscapes(out)
	if !ok {
		return report.Palette{}, func() {}
	}
	return report.Colours(), restore
}
