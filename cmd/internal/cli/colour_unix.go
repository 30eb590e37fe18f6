//go:build !windows

package cli

import "io"

// obeyEscapes makes a terminal obey escape sequences. All of them do, outside Windows.
func obeyEscapes(io.Writer) (restore func(), ok bool) { return func() {}, true }
