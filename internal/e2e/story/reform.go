package story

import (
	"encoding/binary"
	"encoding/pem"
	"os"
	"slices"
	"strings"
	"unicode/utf16"

	"github.com/rogpeppe/go-internal/testscript"
)

// reform is the script command "reform FORM IN OUT": it writes a PEM text as others would, and the other
// way around in the case of its blocks.
func reform(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 3 {
		ts.Fatalf("usage: reform crlf|bom|utf16|indented|reversed IN OUT")
	}
	text := ts.ReadFile(args[1])
	switch args[0] {
	case "crlf":
		text = strings.ReplaceAll(text, "\n", "\r\n")
	case "bom":
		text = "\ufeff" + text
	case "utf16":
		units := append([]uint16{0xfeff}, utf16.Encode([]rune(text))...)
		encoded, err := binary.Append(nil, binary.LittleEndian, units)
		ts.Check(err)
		text = string(encoded)
	case "indented":
		text = "tls.crt: |\n    " + strings.ReplaceAll(text, "\n", "\n    ")
	case "reversed":
		var blocks []string
		for block, rest := pem.Decode([]byte(text)); block != nil; block, rest = pem.Decode(rest) {
			blocks = append(blocks, string(pem.EncodeToMemory(block)))
		}
		slices.Reverse(blocks)
		text = strings.Join(blocks, "")
	default:
		ts.Fatalf("no form %q", args[0])
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[2]), []byte(text), 0o600))
}
