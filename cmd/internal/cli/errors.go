package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"certgen/certs/pki"
	"certgen/secrets"
	"certgen/secrets/bundle"
)

// The exit codes of the process.
const (
	ExitDone        = 0
	ExitFailed      = 1
	exitUsage       = 2
	ExitTrouble     = 2   // a comparison failed, where 1 means that it found something
	ExitInterrupted = 130 // 128 + SIGINT, by which shells know that a script is to stop too
)

// The rules for messages. Standard error gets lines that start with "error:", "hint:", "note:" or
// "warning:"; what follows is lower case, ends without a full stop, and names the flag and the value. An
// error says what is wrong, a hint the next thing to do. Key material appears in none of them.

// BuiltInName is the Secret of the tutorial: asked for by this name and no names to certify, certgen
// makes the tutorial's certificate.
const BuiltInName = "nginxsecret"

// UsageError is a command line that certgen does not take.
type UsageError struct{ Err error }

func (e UsageError) Error() string { return e.Err.Error() }
func (e UsageError) Unwrap() error { return e.Err }

// Usagef makes a usageError.
func Usagef(format string, args ...any) error {
	return UsageError{fmt.Errorf(format, args...)}
}

// UsageProblems makes one usageError of all that two parts of the command line have wrong; nil where
// nothing is. What both found, such as the name of the Service, is said once.
func UsageProblems(problems, more pki.Problems) error {
	for _, p := range more {
		if !slices.Contains(problems, p) {
			problems = append(problems, p)
		}
	}
	if len(problems) == 0 {
		return nil
	}
	return UsageError{problems}
}

// OneName wants exactly one argument, the NAME of a Secret.
func OneName(cmd *cobra.Command, args []string) error {
	if long := longFlag(cmd); long != "" {
		return WithHint(Usagef("-%s: a flag of more than one letter begins with two hyphens", long), "did you mean --%s?", long)
	}
	switch {
	case len(args) == 0:
		return WithHint(Usagef("the NAME of the Secret is missing"), "for the tutorial's certificate: %s %s", cmd.CommandPath(), BuiltInName)
	case len(args) > 1:
		return Usagef("one NAME is expected, but there are %d: %q", len(args), args)
	}
	return nil
}

// longFlag is the flag that was written with one hyphen, as Go's and OpenSSL's are, where the first letter of its name is
// the flag -o: the rest was then taken for a format.
func longFlag(cmd *cobra.Command) string {
	output := cmd.Flags().Lookup("output")
	if output == nil || !output.Changed {
		return ""
	}
	if long := cmd.Flags().Lookup(output.Shorthand + output.Value.String()); long != nil {
		return long.Name
	}
	return ""
}

// WithHint is [pki.WithHint].
func WithHint(err error, format string, args ...any) error {
	return pki.WithHint(err, format, args...)
}

// InterruptedError is an error of a part of a command that leaves something behind when it is interrupted.
type InterruptedError struct {
	Err   error
	Words string // that say so
}

func (e InterruptedError) Error() string { return e.Err.Error() }
func (e InterruptedError) Unwrap() error { return e.Err }

// ErrQuiet ends the process as failed without a word.
var ErrQuiet = errors.New("quiet")

// ErrFound ends a comparison that found something.
var ErrFound = errors.New("found")

// TroubleError is the failure of a comparison.
type TroubleError struct{ Err error }

func (e TroubleError) Error() string { return e.Err.Error() }
func (e TroubleError) Unwrap() error { return e.Err }

// Comparison gives the error of a command that compares the exit codes of kubectl diff: 1 is kept for
// what was found.
func Comparison(err error) error {
	if err == nil || errors.Is(err, ErrFound) || errors.Is(err, ErrQuiet) {
		return err
	}
	return TroubleError{err}
}

// Report writes err for people and returns the exit code.
func (s IOStreams) Report(ctx context.Context, err error, command string) int {
	var usage UsageError
	var trouble TroubleError
	var interrupted InterruptedError
	errors.As(err, &interrupted)
	switch {
	case err == nil:
		return ExitDone
	case errors.Is(err, ErrFound):
		return ExitFailed
	case ctx.Err() != nil && errors.Is(err, context.Canceled):
		s.Printf("error: %s", cmp.Or(interrupted.Words, "interrupted; nothing was written"))
		return ExitInterrupted
	case !errors.Is(err, ErrQuiet):
		s.ReportError(err)
	}
	if errors.As(err, &usage) {
		s.Printf(`hint: "%s --help" shows the flags and examples`, command)
		return exitUsage
	}
	if errors.As(err, &trouble) {
		return ExitTrouble
	}
	return ExitFailed
}

// ReportError writes what is wrong and what to do about it.
func (s IOStreams) ReportError(err error) {
	var problems pki.Problems
	if errors.As(err, &problems) {
		s.reportProblems(problems)
	} else {
		s.Printf("error: %v", err)
	}
	if hint := pki.HintOf(err); hint != "" {
		s.Printf("hint: %s", hint)
	}
}

// reportProblems writes all that is wrong with an input: one problem with its hint on a line of its own,
// more of them as a list.
func (s IOStreams) reportProblems(problems pki.Problems) {
	if len(problems) == 1 {
		s.Printf("error: %s", inFlags(problems[0]))
		if problems[0].Hint != "" {
			s.Printf("hint: %s", problems[0].Hint)
		}
		return
	}
	s.Printf("error: %d problems", len(problems))
	for _, p := range problems {
		line := inFlags(p)
		if p.Hint != "" {
			line += "; " + p.Hint
		}
		s.Printf("  %s", line)
	}
}

// inFlags words a problem in terms of the flag that set its field.
func inFlags(p pki.Problem) string {
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
func flagOf(field pki.Field) (string, bool) {
	if rest, ok := strings.CutPrefix(string(field), "nameConstraints."); ok {
		words := strings.NewReplacer("permitted.", "permit-", "excluded.", "exclude-", "dnsDomains", "dns", "ipRanges", "ip", "emailAddresses", "email", "uriDomains", "uri")
		return "--" + words.Replace(rest), true
	}
	flag, ok := map[pki.Field]string{
		pki.FieldSubject:           "--subject",
		pki.FieldCommonName:        "--common-name",
		pki.FieldDNSNames:          "--dns",
		pki.FieldIPAddresses:       "--ip",
		pki.FieldURIs:              "--uri",
		pki.FieldEmailAddresses:    "--email",
		pki.FieldDuration:          "--duration",
		pki.FieldRenewBefore:       "--renew-before",
		pki.FieldKeyAlgorithm:      "--key-algorithm",
		pki.FieldKeySize:           "--key-size",
		pki.FieldUsages:            "--usages",
		pki.FieldIssuer:            "--ca-cert",
		pki.FieldPathLength:        "--path-length",
		secrets.FieldName:          "NAME",
		secrets.FieldNamespace:     "--namespace",
		secrets.FieldLabels:        "--labels",
		secrets.FieldAnnotations:   "--annotations",
		secrets.FieldService:       "--service",
		secrets.FieldClusterDomain: "--cluster-domain",
		secrets.FieldServiceType:   "--service-type",
		bundle.FieldReplicas:       "--replicas",
		bundle.FieldImage:          "--image",
		bundle.FieldConf:           "--conf",
		bundle.FieldIPv6:           "--ipv6",
	}[field]
	return flag, ok
}
