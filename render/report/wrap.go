package report

import (
	"strings"
	"unicode/utf8"
)

// WrapList joins words with commas, and goes on in a new line, indented, before a word that would pass the width of the
// terminal. A width of 0 is no bound. The first line is indented already.
func WrapList(words []string, indent, width int) string {
	var out strings.Builder
	column := indent
	for i, word := range words {
		end := 0
		if i < len(words)-1 {
			end = len(",")
		}
		need := utf8.RuneCountInString(word)
		switch {
		case i == 0:
		case width > 0 && column+1+need+end > width:
			out.WriteString("\n" + strings.Repeat(" ", indent))
			column = indent
		default:
			out.WriteByte(' ')
			column++
		}
		out.WriteString(word)
		if end > 0 {
			out.WriteByte(',')
		}
		column += need + end
	}
	return out.String()
}
