//go:build !windows

package cmd

import "io"

// obeysEscapes reports whether a terminal understands escape sequences. All of them do, outside Windows.
func obeysEscapes(io.Writer) bool { return true }
