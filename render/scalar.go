package render

import (
	"fmt"
	"regexp"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"
)

// number matches whatever a reader of YAML 1.1 (https://yaml.org/type/), of YAML 1.2's core schema, or Go's own number syntax,
// which yaml.v3 lets in, takes for an integer, a float, a base 60 number or a date. Underscores are to be taken out before:
// Go's readers ignore them wherever they stand. Compiled at start, it would take a twentieth of a short run, which seldom
// needs it.
var number = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^(?:` + strings.Join([]string{
		`[-+]?[0-9]*(?:\.[0-9]*)?(?:[eE][-+]?[0-9]+)?`,
		`[-+]?0[bBoO][-+]?[0-7]+`,
		`[-+]?0[xX][0-9a-fA-F]+`,
		`[-+]?[0-9]+(?::[0-5]?[0-9])+(?:\.[0-9]*)?`,
		`[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)`,
		`[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}(?:(?:[Tt]| +)[0-9]{1,2}:[0-9]{1,2}:[0-9]{1,2}(?:\.[0-9]*)? *(?:Z|[-+][0-9]{1,2}(?::?[0-9]{2})?)?)?`,
	}, `|`) + `)$`)
})

// isPlain reports whether s, written without quotes as a key or value in block style, is that same string to every reader.
func isPlain(s string) bool {
	return hasPlainForm(s) && !isWord(s) && !isNumber(s)
}

// hasPlainForm checks the characters only: https://yaml.org/spec/1.2.2/#733-plain-style.
func hasPlainForm(s string) bool {
	if s == "" || strings.IndexByte(" #,[]{}&*!|>'\"%@`", s[0]) >= 0 || strings.HasPrefix(s, "---") || strings.HasPrefix(s, "...") {
		return false
	}
	if strings.IndexByte("-?:", s[0]) >= 0 && (len(s) == 1 || s[1] == ' ') {
		return false
	}
	previous := rune(0)
	for _, r := range s {
		if previous == ':' && r == ' ' || previous == ' ' && r == '#' || !isPrintable(r) {
			return false
		}
		previous = r
	}
	return previous != ' ' && previous != ':'
}

func isNumber(s string) bool {
	return strings.IndexByte("0123456789+-.", s[0]) >= 0 && number().MatchString(strings.ReplaceAll(s, "_", ""))
}

// isWord reports whether s is a name for something else than a string.
func isWord(s string) bool {
	switch s {
	case "~", "null", "Null", "NULL", "true", "True", "TRUE", "false", "False", "FALSE", "<<", "=":
		return true
	}
	return isOldBool(s)
}

// isOldBool reports whether s is a boolean in YAML 1.1, which kubectl reads, and a string in YAML 1.2.
func isOldBool(s string) bool {
	switch s {
	case "y", "Y", "yes", "Yes", "YES", "on", "On", "ON", "n", "N", "no", "No", "NO", "off", "Off", "OFF":
		return true
	}
	return false
}

// isPrintable is narrower than YAML's own rule: a character that nobody can see is better read as an escape.
func isPrintable(r rune) bool {
	return r >= ' ' && r < 0x7f || r > 0x7f && unicode.IsPrint(r)
}

// isBlock reports whether a literal block holds s without loss. It does not where the first line would hide the indentation,
// where blanks end a line (editors strip them), or where a character needs an escape.
func isBlock(s string) bool {
	if !strings.Contains(s, "\n") || strings.IndexByte(" \t\n", s[0]) >= 0 {
		return false
	}
	previous := rune(0)
	for _, r := range s {
		blank := previous == ' ' || previous == '\t'
		if r == '\n' && blank || r != '\n' && r != '\t' && !isPrintable(r) {
			return false
		}
		previous = r
	}
	return previous != ' ' && previous != '\t'
}

// appendBlock writes s as "|", with the sign for how many newlines end it.
func appendBlock(dst []byte, s string, indent int) []byte {
	dst = append(dst, '|')
	switch {
	case !strings.HasSuffix(s, "\n"):
		dst, s = append(dst, '-'), s+"\n"
	case strings.HasSuffix(s, "\n\n"):
		dst = append(dst, '+')
	}
	dst = append(dst, '\n')
	for line := range strings.Lines(s) {
		if line != "\n" {
			dst = appendSpaces(dst, indent)
		}
		dst = append(dst, line...)
	}
	return dst
}

// appendQuoted writes s in double quotes on one line, in the escapes that YAML and JSON share. Beyond the basic plane these have
// only pairs of surrogates, which yaml.v3 refuses; there every character may stand for itself.
func appendQuoted(dst []byte, s string) []byte {
	dst = append(dst, '"')
	for _, r := range s {
		switch {
		case r == '"' || r == '\\':
			dst = append(dst, '\\', byte(r))
		case r == '\n':
			dst = append(dst, `\n`...)
		case r == '\r':
			dst = append(dst, `\r`...)
		case r == '\t':
			dst = append(dst, `\t`...)
		case isPrintable(r) || r > 0xffff:
			dst = utf8.AppendRune(dst, r)
		default:
			dst = fmt.Appendf(dst, `\u%04x`, r)
		}
	}
	return append(dst, '"')
}
