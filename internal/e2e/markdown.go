package e2e

import "regexp"

// Fences finds the code blocks of a Markdown text: their language and their lines.
var Fences = regexp.MustCompile("(?s)```(\\w+)\n(.*?)```")
