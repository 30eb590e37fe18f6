package cmd

import (
	"strings"
	"unicode"

	"github.com/spf13/pflag"

	"certgen/cmd/internal/order"
	"certgen/secrets/provision"
)

// describeRequest tells people which key a request is for, and how to go on.
func (o *createOptions) describeRequest(r provision.Result, flags *pflag.FlagSet, t order.Target) {
	if r.Action == provision.Kept {
		o.streams.Printf("kept: the key in %s", o.keyOut)
	} else {
		o.streams.Printf("issued: %s, in %s", r.Detail, o.keyOut)
	}
	command := append([]string{"certgen", "create", t.Secret.Name}, o.want.Repeated(flags, t)...)
	command = append(command, "--cert", "SIGNED", "--key", o.keyOut)
	for i, word := range command {
		command[i] = quoted(word)
	}
	o.streams.Printf("hint: when the CA has signed: %s", strings.Join(command, " "))
}

// quoted writes a value so that shells take it as one word. Where there is no single quote in it, PowerShell
// wants the same as POSIX shells.
func quoted(value string) string {
	if strings.ContainsFunc(value, func(c rune) bool {
		return !unicode.IsLetter(c) && !unicode.IsDigit(c) && !strings.ContainsRune("-_./:=@", c)
	}) {
		return "'" + strings.ReplaceAll(value, "'", `'\''`) + "'"
	}
	return value
}
