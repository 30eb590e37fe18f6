package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"

	"certgen/cmd"
)

// sharedFiles are those that are the same in every archive.
func sharedFiles(ctx context.Context, root string) ([]entry, error) {
	pages, err := filepath.Glob(filepath.Join(root, "docs", "*.md"))
	if err != nil {
		return nil, err
	}
	var entries []entry
	for _, path := range append([]string{filepath.Join(root, "LICENSE"), filepath.Join(root, "README.md")}, pages...) {
		data, err := os.ReadFile(path)
		if err != nil {
			return nil, err
		}
		name, err := filepath.Rel(root, path)
		if err != nil {
			return nil, err
		}
		entries = append(entries, entry{name: filepath.ToSlash(name), data: data, mode: 0o644})
	}
	// Each under the name by which its shell finds it.
	for _, completion := range []struct{ shell, file string }{
		{"bash", "certgen.bash"}, {"zsh", "_certgen"}, {"fish", "certgen.fish"}, {"powershell", "certgen.ps1"},
	} {
		var script bytes.Buffer
		if code := cmd.Main(ctx, []string{"completion", completion.shell}, cmd.IOStreams{Out: &script, Err: os.Stderr}); code != 0 {
			return nil, fmt.Errorf("certgen completion %s: exit code %d", completion.shell, code)
		}
		entries = append(entries, entry{name: "completions/" + completion.file, data: script.Bytes(), mode: 0o644})
	}
	return entries, nil
}
