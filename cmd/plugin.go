package cmd

import (
	"context"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"certgen/cmd/internal/cli"
)

// kubectl finds its plugins on the PATH by these names: the first answers "kubectl certgen", the second says
// what may follow it.
// https://kubernetes.io/docs/tasks/extend-kubectl/kubectl-plugins/
const (
	pluginName    = "kubectl-certgen"
	completerName = "kubectl_complete-certgen"
)

// Run runs a command line whose first word is the program's name, by which it answers as a plugin of kubectl
// or as itself. It returns the exit code of [Main].
func Run(ctx context.Context, line []string, streams cli.IOStreams) int {
	name, args := strings.TrimSuffix(strings.ToLower(filepath.Base(line[0])), ".exe"), line[1:]
	if name == pluginName || name == completerName {
		streams.Plugin = pluginWords(newRootCmd(streams))
	}
	if name == completerName {
		args = append([]string{cobra.ShellCompRequestCmd}, args...)
	}
	return Main(ctx, args, streams)
}

// speakAsPlugin makes the commands show themselves as people have to type them.
func speakAsPlugin(root *cobra.Command, words *strings.Replacer) {
	root.Annotations = map[string]string{cobra.CommandDisplayNameAnnotation: "kubectl " + root.Name()}
	for _, command := range append(descendants(root), root) {
		command.Short, command.Long, command.Example = words.Replace(command.Short), words.Replace(command.Long), words.Replace(command.Example)
		if command.Name() == "completion" {
			command.RunE = func(*cobra.Command, []string) error {
				return cli.WithHint(cli.Usagef("kubectl completes its plugins itself"), "put a link %s to this program on the PATH; kubectl completion --help says the rest", completerName)
			}
		}
	}
}

// descendants are the commands below one.
func descendants(command *cobra.Command) (all []*cobra.Command) {
	for _, sub := range command.Commands() {
		all = append(append(all, sub), descendants(sub)...)
	}
	return all
}

// pluginWords turns the command lines in a text into those of the plugin, which it leaves as they are.
func pluginWords(root *cobra.Command) *strings.Replacer {
	var pairs []string
	for _, command := range root.Commands() {
		line := root.Name() + " " + command.Name()
		pairs = append(pairs, "kubectl "+line, "kubectl "+line, line, "kubectl "+line)
	}
	return strings.NewReplacer(pairs...)
}
