package cli

import (
	"io"
	"os"

	"golang.org/x/sys/windows"
)

// obeyEscapes makes a console obey escape sequences, until it is restored: the shell goes on with the mode
// that a program leaves. The consoles before Windows 10 cannot.
func obeyEscapes(out io.Writer) (restore func(), ok bool) {
	f, ok := out.(*os.File)
	if !ok {
		return nil, false
	}
	console := windows.Handle(f.Fd())
	var mode uint32
	if windows.GetConsoleMode(console, &mode) != nil || windows.SetConsoleMode(console, mode|windows.ENABLE_VIRTUAL_TERMINAL_PROCESSING) != nil {
		return nil, false
	}
	return func() { windows.SetConsoleMode(console, mode) }, true
}
