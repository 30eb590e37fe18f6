package cli

import (
	"errors"
	"strconv"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// Misspelt is how many letters the name of a command or a flag may be off and still be recognized.
const Misspelt = 2

// FlagError words what pflag says of a command line as all other errors are worded.
func FlagError(cmd *cobra.Command, err error) error {
	var unknown *pflag.NotExistError
	var invalid *pflag.InvalidValueError
	switch {
	case errors.As(err, &unknown) && unknown.GetSpecifiedShortnames() == "":
		if near := similarFlags(cmd, unknown.GetSpecifiedName()); len(near) > 0 {
			return WithHint(UsageError{err}, "did you mean --%s?", near[0])
		}
	case errors.As(err, &invalid):
		return Usagef("--%s %q: %w", invalid.GetFlag().Name, invalid.GetValue(), reason(invalid))
	}
	return UsageError{err}
}

// reason says what a flag takes, where the parser of its type says what it did.
func reason(invalid *pflag.InvalidValueError) error {
	kind := invalid.GetFlag().Value.Type()
	outside := errors.Is(invalid, strconv.ErrRange)
	switch {
	case kind == "int32" && outside:
		return errors.New("must be between -2147483648 and 2147483647")
	case outside:
		return errors.New("is out of range")
	case kind == "int" || kind == "int32":
		return errors.New("must be a whole number")
	case kind == "bool":
		return errors.New("must be true or false")
	case kind == "duration":
		return errors.New("must be a duration, such as 90s, 5m or 1h30m")
	}
	return errors.Unwrap(invalid)
}

// similarFlags are the flags of a command whose names are nearly the one given. cobra knows how to find
// commands that way.
func similarFlags(cmd *cobra.Command, name string) []string {
	var flags []string
	cmd.Flags().VisitAll(func(flag *pflag.Flag) { flags = append(flags, flag.Name) })
	return similar(name, flags)
}

// similar are those of the names that are nearly the one given, or begin with it.
func similar(name string, names []string) []string {
	all := &cobra.Command{SuggestionsMinimumDistance: Misspelt}
	for _, other := range names {
		all.AddCommand(&cobra.Command{Use: other, Run: func(*cobra.Command, []string) {}})
	}
	return all.SuggestionsFor(name)
}
