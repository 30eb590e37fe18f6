package bundle

import "strings"

// nginxSpace is what separates words.
const nginxSpace = " \t\r\n"

// directive is one line of nginx's configuration: a name and what follows it.
type directive struct {
	name string
	args []string
}

// directives reads nginx's configuration, without regard to what is inside which block. It takes what nginx
// would refuse, too: https://nginx.org/en/docs/beginners_guide.html#conf_structure
func directives(text string) []directive {
	var all []directive
	var words []string
	end := func() {
		if len(words) > 0 {
			all = append(all, directive{words[0], words[1:]})
		}
		words = nil
	}
	for text != "" {
		switch c := text[0]; {
		case strings.IndexByte(nginxSpace, c) >= 0:
			text = text[1:]
		case c == '#':
			_, text, _ = strings.Cut(text, "\n")
		case c == ';' || c == '{' || c == '}':
			end()
			text = text[1:]
		default:
			var word string
			word, text = nginxWord(text)
			words = append(words, word)
		}
	}
	end()
	return all
}

// nginxWord splits off the first word: up to the closing quote, or up to a space, a semicolon or a block, but
// for that of "${name}". A backslash takes the character behind it as it is.
func nginxWord(text string) (word, rest string) {
	var b strings.Builder
	quote := byte(0)
	i := 0
	if text[0] == '"' || text[0] == '\'' {
		quote = text[0]
		i++
	}
	for ; i < len(text); i++ {
		c := text[i]
		switch {
		case c == '\\' && i+1 < len(text):
			i++
			c = text[i]
		case quote != 0 && c == quote:
			return b.String(), text[i+1:]
		case quote != 0:
		case c == '{' && text[i-1] == '$':
		case strings.IndexByte(nginxSpace+";{", c) >= 0:
			return b.String(), text[i:]
		}
		b.WriteByte(c)
	}
	return b.String(), ""
}
