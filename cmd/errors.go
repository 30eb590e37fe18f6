package cmd

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"certgen/certs"
	"certgen/secrets"
)

// The exit codes of the process.
const (
	exitDone        = 0
	exitFailed      = 1
	exitUsage       = 2
	exitTrouble     = 2   // a comparison failed, where 1 means that it found something
	exitInterrupted = 130 // 128 + SIGINT, by which shells know that a script is to stop too
)

// The rules for messages. Standard error gets lines that start with "error:", "hint:", "note:" or
// "warning:"; what follows is lower case, ends without a full stop, and names the flag and the value. An
// error says what is wrong, a hint the next thing to do. Key material appears in none of them.

// builtInName is the Secret of the tutorial: asked for by this name and no names to certify, certgen
// makes the tutorial's certificate.
const builtInName = "nginxsecret"

// usageError is a command line that certgen does not take.
type usageError struct{ err error }

func (e usageError) Error() string { return e.err.Error() }
func (e usageError) Unwrap() error { return e.err }

// usagef makes a usageError.
func usagef(format string, args ...any) error {
	return usageError{fmt.Errorf(format, args...)}
}

// usageProblems makes one usageError of all that two parts of the command line have wrong; nil where
// nothing is. What both found, such as the name of the Service, is said once.
func usageProblems(problems, more certs.Problems) error {
	for _, p := range more {
		if !slices.Contains(problems, p) {
			problems = append(problems, p)
		}
	}
	if len(problems) == 0 {
		return nil
	}
	return usageError{problems}
}

// oneName wants exactly one argument, the NAME of a Secret.
func oneName(cmd *cobra.Command, args []string) error {
	switch {
	case len(args) == 0:
		return withHint(usagef("the NAME of the Secret is missing"), "for the tutorial's certificate: %s %s", cmd.CommandPath(), builtInName)
	case len(args) > 1:
		return usagef("one NAME is expected, but there are %d: %q", len(args), args)
	}
	return nil
}

// hintedError carries what to do about an error.
type hintedError struct {
	err  error
	hint string
}

func (e hintedError) Error() string { return e.err.Error() }
func (e hintedError) Unwrap() error { return e.err }

func withHint(err error, format string, args ...any) error {
	return hintedError{err, fmt.Sprintf(format, args...)}
}

// interruptedError is an error of a part of a command that leaves something behind when it is interrupted.
type interruptedError struct {
	err   error
	words string // that say so
}

func (e interruptedError) Error() string { return e.err.Error() }
func (e interruptedError) Unwrap() error { return e.err }

// errQuiet ends the process as failed without a word.
var errQuiet = errors.New("quiet")

// errFound ends a comparison that found something.
var errFound = errors.New("found")

// troubleError is the failure of a comparison.
type troubleError struct{ err error }

func (e troubleError) Error() string { return e.err.Error() }
func (e troubleError) Unwrap() error { return e.err }

// comparison gives the error of a command that compares the exit codes of kubectl diff: 1 is kept for
// what was found.
func comparison(err error) error {
	if err == nil || errors.Is(err, errFound) || errors.Is(err, errQuiet) {
		return err
	}
	return troubleError{err}
}

// report writes err for people and returns the exit code.
func (s IOStreams) report(ctx context.Context, err error, command string) int {
	var usage usageError
	var trouble troubleError
	var interrupted interruptedError
	errors.As(err, &interrupted)
	switch {
	case err == nil:
		return exitDone
	case errors.Is(err, errFound):
		return exitFailed
	case ctx.Err() != nil && errors.Is(err, context.Canceled):
		s.printf("error: %s", cmp.Or(interrupted.words, "interrupted; nothing was written"))
		return exitInterrupted
	case !errors.Is(err, errQuiet):
		s.reportError(err)
	}
	if errors.As(err, &usage) {
		s.printf(`hint: "%s --help" shows the flags and examples`, command)
		return exitUsage
	}
	if errors.As(err, &trouble) {
		return exitTrouble
	}
	return exitFailed
}

// reportError writes what is wrong and what to do about it.
func (s IOStreams) reportError(err error) {
	var hinted hintedError
	var problem certs.Problem
	var problems certs.Problems
	if errors.As(err, &problems) {
		s.reportProblems(problems)
	} else {
		s.printf("error: %v", err)
	}
	switch {
	case errors.As(err, &hinted):
		s.printf("hint: %s", hinted.hint)
	case errors.As(err, &problem) && problem.Hint != "":
		s.printf("hint: %s", problem.Hint)
	}
}

// reportProblems writes all that is wrong with an input: one problem with its hint on a line of its own,
// more of them as a list.
func (s IOStreams) reportProblems(problems certs.Problems) {
	if len(problems) == 1 {
		s.printf("error: %s", inFlags(problems[0]))
		if problems[0].Hint != "" {
			s.printf("hint: %s", problems[0].Hint)
		}
		return
	}
	s.printf("error: %d problems", len(problems))
	for _, p := range problems {
		line := inFlags(p)
		if p.Hint != "" {
			line += "; " + p.Hint
		}
		s.printf("  %s", line)
	}
}

// inFlags words a problem in terms of the flag that set its field.
func inFlags(p certs.Problem) string {
	flag, ok := flagOf(p.Field)
	if !ok {
		return p.Error()
	}
	if p.Value == "" && strings.HasPrefix(p.Reason, "nothing") { // no flag was given at all
		return p.Reason
	}
	return fmt.Sprintf("%s %q: %s", flag, p.Value, p.Reason)
}

// flagOf names the flag that fills a field.
func flagOf(field certs.Field) (string, bool) {
	flag, ok := map[certs.Field]string{
		certs.FieldSubject:         "--subject",
		certs.FieldCommonName:      "--common-name",
		certs.FieldDNSNames:        "--dns",
		certs.FieldIPAddresses:     "--ip",
		certs.FieldURIs:            "--uri",
		certs.FieldEmailAddresses:  "--email",
		certs.FieldDuration:        "--duration",
		certs.FieldRenewBefore:     "--renew-before",
		certs.FieldKeyAlgorithm:    "--key-algorithm",
		certs.FieldKeySize:         "--key-size",
		certs.FieldUsages:          "--usages",
		certs.FieldIssuer:          "--ca-cert",
		secrets.FieldName:          "NAME",
		secrets.FieldNamespace:     "--namespace",
		secrets.FieldLabels:        "--labels",
		secrets.FieldAnnotations:   "--annotations",
		secrets.FieldService:       "--service",
		secrets.FieldClusterDomain: "--cluster-domain",
		secrets.FieldServiceType:   "--service-type",
		secrets.FieldReplicas:      "--replicas",
		secrets.FieldImage:         "--image",
		secrets.FieldConf:          "--conf",
		secrets.FieldIPv6:          "--ipv6",
	}[field]
	return flag, ok
}
