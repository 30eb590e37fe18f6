package cmd

import (
	"io"
	"os"

	"certgen/render"
)

// colours returns the palette for what is written to a stream, and what ends its use. Colours are for a
// terminal, unless its user wants none (https://no-color.org).
func colours(out io.Writer) (palette render.Palette, end func()) {
	if !isTerminal(out) || os.Getenv("NO_COLOR") != "" || os.Getenv("TERM") == "dumb" {
		return render.Palette{}, func() {}
	}
	restore, ok := obeyEscapes(out)
	if !ok {
		return render.Palette{}, func() {}
	}
	return render.Colours(), restore
}
