package cli

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
)

// CompleteFlag makes shells offer what a flag takes, and no files. words may look at what is typed.
func CompleteFlag(cmd *cobra.Command, flag string, words func(ctx context.Context, typed string) []string) {
	offer := func(cmd *cobra.Command, _ []string, typed string) ([]string, cobra.ShellCompDirective) {
		return startingWith(typed, words(cmd.Context(), typed)), cobra.ShellCompDirectiveNoFileComp
	}
	if err := cmd.RegisterFlagCompletionFunc(flag, offer); err != nil {
		panic(err) // there is no such flag
	}
}

// CompleteWords is [CompleteFlag] for a flag that takes one of some words.
func CompleteWords[W ~string](cmd *cobra.Command, flag string, words []W) {
	CompleteFlag(cmd, flag, func(context.Context, string) []string { return AsStrings(words) })
}

// CompleteList is [CompleteFlag] for a flag that takes some of the words, parted by commas: each is offered once.
func CompleteList(cmd *cobra.Command, flag string, words []string) {
	CompleteFlag(cmd, flag, func(_ context.Context, typed string) (offers []string) {
		before := typed[:strings.LastIndex(typed, ",")+1]
		for _, word := range words {
			if !slices.Contains(strings.Split(before, ","), word) {
				offers = append(offers, before+word)
			}
		}
		return offers
	})
}

// AsStrings writes values as flags take them.
func AsStrings[T any](values []T) []string {
	var words []string
	for _, value := range values {
		words = append(words, fmt.Sprint(value))
	}
	return words
}

// startingWith are the words that go on from what is typed.
func startingWith(typed string, words []string) []string {
	return slices.DeleteFunc(slices.Clone(words), func(word string) bool { return !strings.HasPrefix(word, typed) })
}

// completionTimeout bounds how long a shell waits for names from a cluster.
const completionTimeout = 2 * time.Second

// names lists the objects of a kind for a shell; none where the cluster does not tell them in time.
func (f *ClusterFlags) names(ctx context.Context, kind, namespace string) []string {
	ctx, cancel := context.WithTimeout(ctx, completionTimeout)
	defer cancel()
	answer := make(chan []string, 1)
	go func() { answer <- f.ask(ctx, kind, namespace) }() // a credential plugin may never come back
	select {
	case names := <-answer:
		return names
	case <-ctx.Done():
		return nil
	}
}

// ask is names without a bound.
func (f *ClusterFlags) ask(ctx context.Context, kind, namespace string) []string {
	config := f.Config(namespace)
	namespace, _, err := config.Namespace()
	if err != nil {
		return nil
	}
	cluster, err := f.Connect(config, IOStreams{Err: io.Discard})
	if err != nil {
		return nil
	}
	if kind == kindNamespace {
		namespace = "" // it is in none itself
	}
	names, _ := cluster.Names(ctx, kind, namespace)
	return names
}

// The kinds whose names are completed.
const (
	kindNamespace = "Namespace"
	KindSecret    = "Secret"
	KindService   = "Service"
)

// References lists the objects of a kind as arguments that go on from what is typed, without those that
// are given already. word is how the kind is written.
func (f *ClusterFlags) References(ctx context.Context, kind, namespace, word, typed string, given []string) []string {
	var refs []string
	for _, name := range f.names(ctx, kind, namespace) {
		if ref := word + "/" + name; !slices.Contains(given, ref) {
			refs = append(refs, ref)
		}
	}
	return startingWith(typed, refs)
}
