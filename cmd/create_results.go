package cmd

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"

	"certgen/certs/pki"
	"certgen/cmd/internal/cli"
	"certgen/render"
	"certgen/secrets/certmanager"
	"certgen/secrets/provision"
)

// filesPrinted prints the input with Secrets in the place of Certificates.
type filesPrinted struct {
	out    cli.IOStreams
	format render.Format
}

func (p *filesPrinted) add(d certmanager.Done) error {
	text, err := outputOf(d, p.format)
	if err != nil {
		return err
	}
	return p.out.Write(text)
}

func (p *filesPrinted) finish(bool) error { return nil }

// outputOf is what the result has of an object of the input.
func outputOf(d certmanager.Done, format render.Format) ([]byte, error) {
	if d.Result != nil {
		return d.Result.Output, nil
	}
	if format == render.JSON && len(d.Text) > 0 {
		text := bytes.TrimPrefix(d.Text, []byte("---\n"))
		if !bytes.HasPrefix(bytes.TrimSpace(text), []byte("{")) {
			return nil, pki.WithHint(fmt.Errorf("%s: %w", d.Place, errNotJSON), "leave -o json out")
		}
		return text, nil
	}
	return d.Text, nil
}

// filesPassedOver leaves what is no certificate to others.
type filesPassedOver struct {
	streams cli.IOStreams
	others  int
}

func (p *filesPassedOver) add(d certmanager.Done) error {
	if d.Text != nil {
		p.others++
	}
	return nil
}

func (p *filesPassedOver) finish(bool) error {
	if p.others > 0 {
		p.streams.Printf("note: %s of other kinds left out; without --out, or with one file in it, they are passed on", render.Count(p.others, "object"))
	}
	return nil
}

// filesInFolder knows which files in the folder nobody asks for any more.
type filesInFolder struct {
	filesPassedOver
	folder    *provision.Folder
	extension string
	prune     bool
	asked     map[string]bool
}

func (f *filesInFolder) add(d certmanager.Done) error {
	if d.Result != nil {
		f.asked[f.folder.Stem(d.Result.Order)+f.extension] = true
	}
	return f.filesPassedOver.add(d)
}

func (f *filesInFolder) finish(whole bool) error {
	if err := f.filesPassedOver.finish(whole); err != nil || !whole {
		return err
	}
	for _, pattern := range []string{"*", filepath.Join("*", "*")} {
		paths, _ := filepath.Glob(filepath.Join(f.folder.Path, pattern+f.extension))
		for _, path := range paths {
			if f.asked[path] || !provision.MadeByCertgen(path) {
				continue
			}
			if !f.prune {
				f.streams.Printf("note: %s is no longer asked for; --prune removes it", path)
				continue
			}
			if err := os.Remove(path); err != nil {
				return err
			}
			f.streams.Printf("%s removed: no longer asked for", path)
		}
	}
	return nil
}

// filesInOne writes everything into one manifest, at the end.
type filesInOne struct {
	streams cli.IOStreams
	held    *provision.Collection
	format  render.Format
	prune   bool
	asked   map[[3]string]bool
	text    bytes.Buffer
}

func (f *filesInOne) add(d certmanager.Done) error {
	text, err := outputOf(d, f.format)
	if err != nil {
		return err
	}
	f.text.Write(text)
	if d.Result != nil {
		f.asked[[3]string{"Secret", d.Result.Order.Secret.Namespace, d.Result.Order.Secret.Name}] = true
	}
	for doc, err := range render.Objects(bytes.NewReader(d.Text)) {
		if err != nil {
			return err
		}
		object, err := doc.Object()
		if err != nil {
			return fmt.Errorf("%s: %w", d.Place, err)
		}
		f.asked[[3]string{object.Kind, object.Namespace, object.Name}] = true
	}
	return nil
}

func (f *filesInOne) finish(whole bool) error {
	left := f.held.Left(func(kind, namespace, name string) bool { return f.asked[[3]string{kind, namespace, name}] })
	for _, l := range left {
		switch {
		case !f.prune || !whole: // one that failed this time is not to be lost
			f.text.Write(l.Text)
			if whole {
				f.streams.Printf("note: the %s in %s is no longer asked for; --prune removes it", l.Name, f.held.Path)
			}
		default:
			f.streams.Printf("%s removed from %s: no longer asked for", l.Name, f.held.Path)
		}
	}
	words, err := provision.WriteManifest("--out", f.held.Path, f.text.Bytes())
	if err != nil {
		return err
	}
	f.streams.Printf("%s", words)
	return nil
}
