package apiserver

import (
	"strings"
	"testing"
	"unicode/utf8"

	"certgen/internal/e2e"
	"certgen/internal/testbed"
)

// TestAccessOnTerminal: the lists keep within the terminal, but for commands, which are for pasting, and a pipe gets
// them as they are.
func TestAccessOnTerminal(t *testing.T) {
	t.Parallel()
	c := testbed.Start(t)
	kubeconfig := c.Kubeconfig(t, c.Namespace(t, nil))
	wants(t, applied(t, kubeconfig, webBundle...), 0, "^issued: ")
	args := "' access service/web --kubeconfig '" + kubeconfig + "'"
	shown, err := e2e.OnTerminal(t, "", "", "stty cols 80; '"+e2e.Certgen(t)+args)
	if err != nil {
		t.Fatalf("%v\n%s", err, shown)
	}
	commands := false
	for line := range strings.SplitSeq(strings.ReplaceAll(shown, "\r", ""), "\n") {
		commands = line != "" && (commands || strings.HasSuffix(line, " COMMAND"))
		if words := strings.Fields(line); !commands && utf8.RuneCountInString(line) > 80 && words[0] != "note:" && len(words[len(words)-1]) < 32 { // a URL stays whole
			t.Errorf("%q", line)
		}
	}
	piped := e2e.Output(t, "", e2e.Certgen(t), "access", "service/web", "--kubeconfig", kubeconfig)
	if !strings.Contains(piped, "IT DOES NOT PROVE\n") || strings.Contains(piped, "\n   ") {
		t.Errorf("in a pipe:\n%s", piped)
	}
}
