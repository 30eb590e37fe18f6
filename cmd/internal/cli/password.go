package cli

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"os"
	"sync"

	"golang.org/x/term"

	"certgen/certs/encoding"
	"certgen/certs/pki"
)

// PasswordVariable is the environment variable with the password of encrypted inputs. There is no flag
// for a password itself: arguments are visible to everybody on the machine.
const PasswordVariable = "CERTGEN_PASSWORD"

// Password returns the password of encrypted inputs from a file, the environment, or the person at the
// terminal, in this order. An interrupt ends the question.
func (s IOStreams) Password(ctx context.Context, file string) encoding.Password {
	inFile := sync.OnceValues(func() ([]byte, error) { return ReadPassword("--password-file", file) }) // a pipe can be read once
	return func(what string) ([]byte, error) {
		if file != "" {
			return inFile()
		}
		if value, ok := os.LookupEnv(PasswordVariable); ok {
			return []byte(value), nil
		}
		if !IsTerminal(s.In) {
			return nil, WithHint(encoding.ErrNoPassword, "name a file with --password-file, or set %s", PasswordVariable)
		}
		fmt.Fprintf(s.Err, "Password of %s: ", what)
		defer fmt.Fprintln(s.Err)
		return readHidden(ctx, int(s.In.(*os.File).Fd()))
	}
}

// readHidden reads a line from a terminal that does not show it. When ctx ends, the terminal is as it was.
func readHidden(ctx context.Context, terminal int) ([]byte, error) {
	before, err := term.GetState(terminal)
	if err != nil {
		return nil, err
	}
	type line struct {
		text []byte
		err  error
	}
	typed := make(chan line, 1)
	go func() { // which nothing can stop: the process ends first
		text, err := term.ReadPassword(terminal)
		typed <- line{text, err}
	}()
	select {
	case l := <-typed:
		return l.text, l.err
	case <-ctx.Done():
		return nil, cmp.Or(term.Restore(terminal, before), ctx.Err())
	}
}

// ReadPassword returns the first line of a file, which may be in UTF-16: Windows PowerShell's echo > FILE writes it so.
func ReadPassword(flag, file string) ([]byte, error) {
	data, err := ReadBounded(file)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", flag, err)
	}
	if data, err = pki.UTF8(data); err != nil {
		return nil, fmt.Errorf("%s %s: %w", flag, file, err)
	}
	line, _, _ := bytes.Cut(data, []byte("\n"))
	return bytes.TrimSuffix(line, []byte("\r")), nil
}
