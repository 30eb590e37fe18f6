package cmd

import (
	"bytes"
	"fmt"
	"os"
	"sync"

	"golang.org/x/term"

	"certgen/certs"
)

// passwordVariable is the environment variable with the password of encrypted inputs. There is no flag
// for a password itself: arguments are visible to everybody on the machine.
const passwordVariable = "CERTGEN_PASSWORD"

// password returns the password of encrypted inputs from a file, the environment, or the person at the
// terminal, in this order.
func (s IOStreams) password(file string) certs.Password {
	inFile := sync.OnceValues(func() ([]byte, error) { return readPassword("--password-file", file) }) // a pipe can be read once
	return func(what string) ([]byte, error) {
		if file != "" {
			return inFile()
		}
		if value, ok := os.LookupEnv(passwordVariable); ok {
			return []byte(value), nil
		}
		if !isTerminal(s.In) {
			return nil, withHint(certs.ErrNoPassword, "name a file with --password-file, or set %s", passwordVariable)
		}
		fmt.Fprintf(s.Err, "Password of %s: ", what)
		defer fmt.Fprintln(s.Err)
		return term.ReadPassword(int(s.In.(*os.File).Fd()))
	}
}

// readPassword returns the first line of a file.
func readPassword(flag, file string) ([]byte, error) {
	data, err := readBounded(file)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", flag, err)
	}
	line, _, _ := bytes.Cut(data, []byte("\n"))
	return bytes.TrimSuffix(line, []byte("\r")), nil
}
