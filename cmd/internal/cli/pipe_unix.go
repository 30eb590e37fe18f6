//go:build !windows

package cli

import (
	"errors"
	"syscall"
)

// brokenPipe reports whether nobody reads what is written any more. On the standard streams the runtime
// ends the process by SIGPIPE before this is asked.
func brokenPipe(err error) bool { return errors.Is(err, syscall.EPIPE) }
