package manifest

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"certgen/certs/pki"
	"certgen/cmd/internal/cli"
	"certgen/render"
	"certgen/secrets/certmanager"
	"certgen/secrets/provision"
)

// Result takes what comes of the input, in its order.
type Result interface {
	Add(certmanager.Done) error
	// Finish ends it; whole says that nothing failed, so that what is not among the results is no longer asked for.
	Finish(whole bool) error
}

var errNotJSON = errors.New("objects of other kinds are passed on as they are, and this one is not JSON")

// Printed prints the input with Secrets in the place of Certificates.
type Printed struct {
	out    cli.IOStreams
	format render.Format
}

// NewPrinted prints in a format.
func NewPrinted(out cli.IOStreams, format render.Format) *Printed { return &Printed{out, format} }

// Add prints an object.
func (p *Printed) Add(d certmanager.Done) error {
	text, err := outputOf(d, p.format)
	if err != nil {
		return err
	}
	return p.out.Write(text)
}

// Finish has nothing left to do.
func (p *Printed) Finish(bool) error { return nil }

// outputOf is what the result has of an object of the input.
func outputOf(d certmanager.Done, format render.Format) ([]byte, error) {
	if d.Result != nil {
		return d.Result.Output, nil
	}
	if len(d.Text) == 0 {
		return nil, nil
	}
	return inFormat(d.Place.String(), d.Text, format)
}

// inFormat is the text of a document from a place, to be written behind another.
func inFormat(place string, text []byte, format render.Format) ([]byte, error) {
	if format != render.JSON {
		return render.Separate(text), nil
	}
	text = bytes.TrimPrefix(text, []byte("---\n"))
	if !bytes.HasPrefix(bytes.TrimSpace(text), []byte("{")) {
		return nil, pki.WithHint(fmt.Errorf("%s: %w", place, errNotJSON), "leave -o json out")
	}
	return text, nil
}

// PassedOver leaves what is no certificate to others.
type PassedOver struct {
	streams cli.IOStreams
	others  int
}

// NewPassedOver counts what is left out.
func NewPassedOver(streams cli.IOStreams) *PassedOver { return &PassedOver{streams: streams} }

// Add counts an object.
func (p *PassedOver) Add(d certmanager.Done) error {
	if d.Text != nil {
		p.others++
	}
	return nil
}

// Finish says how many there were.
func (p *PassedOver) Finish(bool) error {
	if p.others > 0 {
		p.streams.Printf("note: %s of other kinds left out; without --out, or with one file in it, they are passed on", render.Count(p.others, "object"))
	}
	return nil
}

// InFolder knows which files in the folder nobody asks for any more.
type InFolder struct {
	PassedOver
	folder    *provision.Folder
	extension string
	prune     bool
	asked     map[string]bool
}

// NewInFolder watches over a folder of manifests, whose files have an extension; prune removes what is no longer asked for.
func NewInFolder(streams cli.IOStreams, folder *provision.Folder, extension string, prune bool) *InFolder {
	return &InFolder{PassedOver{streams: streams}, folder, extension, prune, map[string]bool{}}
}

// Add notes which file belongs to an object.
func (f *InFolder) Add(d certmanager.Done) error {
	if d.Result != nil {
		f.asked[f.folder.Stem(d.Result.Order)+f.extension] = true
	}
	return f.PassedOver.Add(d)
}

// Finish finds the files that nobody asked for.
func (f *InFolder) Finish(whole bool) error {
	if err := f.PassedOver.Finish(whole); err != nil || !whole {
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

// InOne writes everything into one manifest, at the end.
type InOne struct {
	streams cli.IOStreams
	held    *provision.Collection
	format  render.Format
	prune   bool
	asked   map[[3]string]bool
	text    bytes.Buffer
}

// NewInOne writes the manifest that held was read from; prune leaves out what is no longer asked for.
func NewInOne(streams cli.IOStreams, held *provision.Collection, format render.Format, prune bool) *InOne {
	return &InOne{streams: streams, held: held, format: format, prune: prune, asked: map[[3]string]bool{}}
}

// Add keeps the text of an object.
func (f *InOne) Add(d certmanager.Done) error {
	text, err := outputOf(d, f.format)
	if err != nil {
		return err
	}
	f.text.Write(text)
	if d.Result != nil && d.Result.Err == nil { // what the file holds of one that failed is not to be lost
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

// Finish writes the file.
func (f *InOne) Finish(whole bool) error {
	left := f.held.Left(func(kind, namespace, name string) bool { return f.asked[[3]string{kind, namespace, name}] })
	for _, l := range left {
		switch {
		case !f.prune || !whole: // one that failed this time is not to be lost
			text, err := inFormat(f.held.Path, l.Text, f.format)
			if err != nil {
				return err
			}
			f.text.Write(text)
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
