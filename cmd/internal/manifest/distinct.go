package manifest

import (
	"path/filepath"
	"strings"

	"certgen/cmd/internal/cli"
	"certgen/render"
	"certgen/secrets/certmanager"
)

// Distinct refuses a result in a file that is read as input, or that the next run would read: it holds private keys, and takes the
// place of what was asked for. An empty path is none.
func (f *Flags) Distinct(out cli.NamedPath, sources []certmanager.Source) error {
	if out.Path == "" {
		return nil
	}
	read := make([]cli.NamedPath, len(sources))
	for i, s := range sources {
		read[i] = cli.NamedPath{Flag: "-f", Path: s.Name}
	}
	const hint = "keep what is asked for and the private keys in different places"
	if err := cli.Distinct([]cli.NamedPath{out}, read); err != nil {
		return cli.WithHint(err, hint)
	}
	for _, name := range f.files {
		if f.wouldRead(name, out.Path) {
			return cli.WithHint(cli.Usagef("%s %s: the next run would read it with -f %s", out.Flag, out.Path, name), hint)
		}
	}
	return nil
}

// wouldRead reports whether a file that is not there yet belongs to a folder or a pattern.
func (f *Flags) wouldRead(name, path string) bool {
	matches, _ := filepath.Match(filepath.Clean(name), filepath.Clean(path))
	folder, err := canonical(name)
	parent, failed := canonical(filepath.Dir(path))
	if matches || err != nil || failed != nil || !render.NamesManifest(path) {
		return matches
	}
	return parent == folder || f.recursive && strings.HasPrefix(parent, folder+string(filepath.Separator))
}

// canonical is the path of a folder without links.
func canonical(path string) (string, error) {
	path, err := filepath.EvalSymlinks(path)
	if err != nil {
		return "", err
	}
	return filepath.Abs(path)
}
