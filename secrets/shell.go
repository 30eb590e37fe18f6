package secrets

import (
	"regexp"
	"strings"
)

// shellLine joins words to a line that a shell parts into the same words again: a POSIX shell, or
// PowerShell.
func shellLine(powershell bool, words ...string) string {
	quoted := make([]string, len(words))
	for i, word := range words {
		quoted[i] = shellWord(powershell, word)
	}
	return strings.Join(quoted, " ")
}

// plainWord is what no shell takes for anything else.
const plainWord = `^[A-Za-z0-9_./:=-]+$`

func shellWord(powershell bool, word string) string {
	if regexp.MustCompile(plainWord).MatchString(word) {
		return word
	}
	if powershell {
		return "'" + strings.ReplaceAll(word, "'", "''") + "'"
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}
