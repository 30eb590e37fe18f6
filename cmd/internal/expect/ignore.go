package expect

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"certgen/certs/lint"
	"certgen/cmd/internal/cli"
	"certgen/render/report"
)

// IgnoreFile is the file of the working directory that says which findings do not count: a line as of --ignore each, and
// comments behind "#".
const IgnoreFile = ".certgen-ignore"

// ignored is a finding that does not count, where a pattern says so.
type ignored struct{ id, pattern string }

// parseIgnored reads ID or ID@PATTERN.
func parseIgnored(text string) (ignored, error) {
	id, pattern, at := strings.Cut(text, "@")
	ids := IDs()
	if !slices.Contains(ids, id) {
		return ignored{}, cli.WithHint(cli.Usagef("%q: there is no such finding", text), "the ids are %s", strings.Join(ids, ", "))
	}
	if _, err := path.Match(pattern, ""); err != nil || at && pattern == "" {
		return ignored{}, cli.WithHint(cli.Usagef("%q: not a pattern", text), `a pattern is as of files: %s@deploy/*.yaml, %s@secret/*`, id, id)
	}
	return ignored{id, pattern}, nil
}

// covers reports whether a finding at a place does not count: the pattern is that of the file, of its name alone, or of
// the object.
func (i ignored) covers(at report.Place, found lint.Finding) bool {
	if i.id != found.Rule.ID {
		return false
	}
	source := filepath.ToSlash(at.Source)
	return i.pattern == "" || slices.ContainsFunc([]string{source, path.Base(source), at.Object}, func(name string) bool {
		matches, err := path.Match(i.pattern, name)
		return err == nil && matches
	})
}

// readIgnored collects --ignore and the file.
func (f *Flags) readIgnored() (all []ignored, err error) {
	for _, text := range f.ignore {
		one, err := parseIgnored(text)
		if err != nil {
			return nil, fmt.Errorf("--ignore %w", err)
		}
		all = append(all, one)
	}
	data, err := os.ReadFile(IgnoreFile)
	if errors.Is(err, fs.ErrNotExist) {
		return all, nil
	}
	if err != nil {
		return nil, err
	}
	lines := bufio.NewScanner(bytes.NewReader(data))
	for n := 1; lines.Scan(); n++ {
		text, _, _ := strings.Cut(lines.Text(), "#")
		if text = strings.TrimSpace(text); text == "" {
			continue
		}
		one, err := parseIgnored(text)
		if err != nil {
			return nil, fmt.Errorf("%s, line %d: %w", IgnoreFile, n, err)
		}
		all = append(all, one)
	}
	return all, lines.Err()
}

// Counts reports whether a finding at a place is not ignored.
func (f *Flags) Counts(at report.Place, found lint.Finding) bool {
	return !slices.ContainsFunc(f.ignored, func(i ignored) bool { return i.covers(at, found) })
}

// Ignored are the ids of the findings that count nowhere.
func (f *Flags) Ignored() (ids []string) {
	for _, i := range f.ignored {
		if i.pattern == "" {
			ids = append(ids, i.id)
		}
	}
	return ids
}

// failNever is the word of --fail-on by which findings are but reported.
const failNever = "never"

// Fails reports whether a finding of a severity fails the run.
func (f *Flags) Fails(severity lint.Severity) bool {
	switch f.failOn {
	case failNever:
		return false
	case string(lint.Error):
		return severity == lint.Error
	}
	return true
}

func failOnWords() []string { return []string{string(lint.Error), string(lint.Warning), failNever} }
