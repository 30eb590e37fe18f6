package cmd

import (
	"io"
	"os"

	"golang.org/x/sys/windows"
)

// obeysEscapes reports whether a console understands escape sequences, and tells it to. Those before
// Windows 10 do not.
func obeysEscapes(out io.Writer) bool {
	f, ok := out.(*os.File)
	if !ok {
		return false
	}
	console := windows.Handle(f.Fd())
	var mode uint32
	if windows.GetConsoleMode(console, &mode) != nil {
		return false
	}
	return windows.SetConsoleMode(console, mode|windows.ENABLE_VIRTUAL_TERMINAL_PROCESSING) == nil
}
