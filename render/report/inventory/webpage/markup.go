package webpage

import (
	"bufio"
	"encoding/json"
	"fmt"
	"html"
	"io"
)

// markup writes HTML: whatever is put into it is escaped, as text and as the value of an attribute in quotes. html/template
// does the same with more care, but keeps the linker from leaving out what nobody calls: it would make the program 4 MB larger.
type markup struct {
	w   *bufio.Writer
	err error
}

func newMarkup(w io.Writer) *markup { return &markup{w: bufio.NewWriter(w)} }

// add writes a line of the page's own, in which %s and %d stand for what comes from elsewhere.
func (m *markup) add(format string, args ...any) {
	for i, arg := range args {
		if _, number := arg.(int); !number {
			args[i] = html.EscapeString(fmt.Sprint(arg))
		}
	}
	fmt.Fprintf(m.w, format+"\n", args...)
}

// own writes a style or a script of the page's own, as it is.
func (m *markup) own(element, text string) { fmt.Fprintf(m.w, "<%s>%s</%[1]s>\n", element, text) }

// data writes what the script reads, as JSON in an element of its own. In JSON as it is encoded here there is no "<".
func (m *markup) data(attributes string, value any) {
	text, err := json.Marshal(value)
	if m.err == nil {
		m.err = err
	}
	fmt.Fprintf(m.w, "<script type=\"application/json\" %s>%s</script>\n", attributes, text)
}

// end returns the first error.
func (m *markup) end() error {
	if m.err != nil {
		return m.err
	}
	return m.w.Flush()
}
