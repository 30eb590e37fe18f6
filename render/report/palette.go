package report

// Palette are the escape sequences around what should catch the eye; empty where there are no colours.
type Palette struct{ bad, soon, end string }

// Colours is the palette of a terminal.
func Colours() Palette { return Palette{bad: "\x1b[31m", soon: "\x1b[33m", end: "\x1b[0m"} }

// Colour is what a text looks like, by what it means.
type Colour int

// What a text may mean.
const (
	Plain Colour = iota // nothing in particular
	Bad                 // it is broken now
	Soon                // it will be
)

// Paint colours a text, where there are colours.
func (p Palette) Paint(c Colour, text string) string {
	switch c {
	case Bad:
		return p.bad + text + p.end
	case Soon:
		return p.soon + text + p.end
	}
	return text
}
