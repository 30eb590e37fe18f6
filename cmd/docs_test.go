package cmd

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/spf13/cobra"

	"certgen/cmd/internal/cli"
)

// TestDocs holds docs/ against the command tree, a page a command. -update writes the pages anew.
func TestDocs(t *testing.T) {
	const folder = "../docs"
	pages := map[string][]byte{}
	for _, command := range allCommands(newRootCmd(cli.IOStreams{})) {
		pages[pageOf(command)] = page(command)
	}
	present, err := filepath.Glob(filepath.Join(folder, "certgen*.md"))
	if err != nil {
		t.Fatal(err)
	}
	if *update {
		for _, path := range present {
			if err := os.Remove(path); err != nil {
				t.Fatal(err)
			}
		}
		if err := os.MkdirAll(folder, 0o755); err != nil {
			t.Fatal(err)
		}
		for name, text := range pages {
			if err := os.WriteFile(filepath.Join(folder, name), text, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		return
	}
	const mend = "go test ./cmd -run TestDocs -update"
	for name, want := range pages {
		have, err := os.ReadFile(filepath.Join(folder, name))
		if err != nil {
			t.Errorf("%v (%s writes it)", err, mend)
		} else if !bytes.Equal(bytes.ReplaceAll(have, []byte("\r\n"), []byte("\n")), want) {
			t.Errorf("docs/%s is not what the commands say (%s writes it anew)", name, mend)
		}
	}
	for _, path := range present {
		if pages[filepath.Base(path)] == nil {
			t.Errorf("docs/%s belongs to no command (%s removes it)", filepath.Base(path), mend)
		}
	}
}

// allCommands are those of the tree that people may use, the root first.
func allCommands(root *cobra.Command) []*cobra.Command {
	commands := []*cobra.Command{root}
	for _, sub := range root.Commands() {
		if sub.IsAvailableCommand() {
			commands = append(commands, allCommands(sub)...)
		}
	}
	return commands
}

func pageOf(command *cobra.Command) string {
	return strings.ReplaceAll(command.CommandPath(), " ", "_") + ".md"
}

// page is the reference page of one command: what its help says, in Markdown.
func page(command *cobra.Command) []byte {
	command.InitDefaultHelpFlag()
	var b bytes.Buffer
	section := func(title, text string) { fmt.Fprintf(&b, "\n## %s\n\n%s\n", title, strings.Trim(text, "\n")) }
	code := func(text string) string { return "```\n" + strings.Trim(text, "\n") + "\n```" }
	fmt.Fprintf(&b, "# %s\n\n%s.\n\n%s\n", command.CommandPath(), command.Short, code(command.UseLine()))
	if command.Long != "" {
		fmt.Fprintf(&b, "\n%s\n", command.Long)
	}
	if command.Example != "" {
		section("Examples", code(strings.ReplaceAll("\n"+command.Example, "\n  ", "\n")))
	}
	section("Flags", code(command.NonInheritedFlags().FlagUsages()))
	if command.HasAvailableInheritedFlags() {
		section("Flags of every command", code(command.InheritedFlags().FlagUsages()))
	}
	var links []string
	if command.HasParent() {
		links = append(links, link(command.Parent()))
	}
	for _, sub := range command.Commands() {
		if sub.IsAvailableCommand() {
			links = append(links, link(sub))
		}
	}
	section("See also", strings.Join(links, "\n"))
	return b.Bytes()
}

func link(command *cobra.Command) string {
	return fmt.Sprintf("- [%s](%s): %s", command.CommandPath(), pageOf(command), command.Short)
}

// TestHelp: every command and every flag says what it is for, in one sentence without a full stop, and
// every command that does something shows how.
func TestHelp(t *testing.T) {
	t.Parallel()
	for _, command := range allCommands(newRootCmd(cli.IOStreams{})) {
		path := command.CommandPath()
		if command.Short == "" || strings.HasSuffix(command.Short, ".") {
			t.Errorf("%s: short text %q", path, command.Short)
		}
		if command.Runnable() && command.Example == "" {
			t.Errorf("%s: no example", path)
		}
		for line := range strings.Lines(command.Long + "\n" + command.Example) {
			if line = strings.TrimSuffix(line, "\n"); len([]rune(line)) > 110 || strings.TrimRight(line, " ") != line {
				t.Errorf("%s: a line of %d characters: %q", path, len([]rune(line)), line)
			}
		}
		for _, usage := range slices.Collect(strings.Lines(command.LocalFlags().FlagUsages())) {
			if strings.HasSuffix(strings.TrimSpace(usage), ".") {
				t.Errorf("%s: %s ends in a full stop", path, usage)
			}
		}
	}
}
