package service

import "strings"

// shellLine joins words to a line that a shell parts into the same words again: a POSIX shell, or
// PowerShell.
func shellLine(powershell bool, words ...string) string {
	quoted := make([]string, len(words))
	for i, word := range words {
		quoted[i] = shellWord(powershell, word)
	}
	return strings.Join(quoted, " ")
}

// plainCharacters are those that no shell takes for anything else.
const plainCharacters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_./:=-"

func shellWord(powershell bool, word string) string {
	if word != "" && strings.Trim(word, plainCharacters) == "" {
		return word
	}
	if powershell {
		return "'" + strings.ReplaceAll(word, "'", "''") + "'"
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}
