package source

import (
	"bufio"
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"certgen/certs/encoding"
	"certgen/certs/lint"
	"certgen/certs/pki"
	"certgen/cmd/internal/cli"
	"certgen/render"
	"certgen/render/report"
	"certgen/secrets"
)

// folder opens the files in a folder, and with -R those in the folders below it. Hidden ones are left out, as those that
// Kubernetes mounts.
func (r *SourceReader) folder(path string, yield func(func() Batch) bool) bool {
	entries, err := os.ReadDir(path)
	if err != nil {
		return yield(func() Batch { return Unread(path, err) })
	}
	var paths, below []string
	for _, entry := range entries {
		path := filepath.Join(path, entry.Name())
		if entry.IsDir() && !strings.HasPrefix(entry.Name(), ".") {
			below = append(below, path)
		}
		// A Secret that is mounted into a pod is links.
		if info, err := os.Stat(path); err == nil && info.Mode().IsRegular() {
			paths = append(paths, path)
		}
	}
	for _, f := range group(paths) {
		if f.inFolder = true; !r.open(f, yield) {
			return false
		}
	}
	if !r.below {
		if len(paths) > 0 || len(below) == 0 {
			return true
		}
		return yield(func() Batch {
			return Batch{Notes: []string{fmt.Sprintf("%s: %s below left out: -R reads them, too", path, render.Count(len(below), "folder"))}}
		})
	}
	for _, path := range below {
		if !r.folder(path, yield) {
			return false
		}
	}
	return true
}

// input is a file to read, with those that belong to it: a certificate in NAME.crt has its key in NAME.key,
// and tls.crt its root in ca.crt; certbot has other names.
type input struct {
	path           string
	key, chain, ca string // the key, the issuers and the root of the certificate; empty where there is none
	inFolder       bool   // nobody named it: what it is decides whether it counts
}

// group puts files together that belong together, and keeps their order.
func group(paths []string) []input {
	all := make(map[string]bool, len(paths))
	for _, path := range paths {
		all[path] = true
	}
	taken := make(map[string]bool)
	var files []input
	for _, path := range paths {
		dir, base := filepath.Split(path)
		beside := func(name string) string {
			if all[dir+name] {
				return dir + name
			}
			return ""
		}
		f := input{path: path}
		name, isCert := strings.CutSuffix(base, ".crt")
		switch {
		case isCert:
			f.key = beside(name + ".key")
			if f.key != "" && name == "tls" {
				f.ca = beside("ca.crt")
			}
		case base == "fullchain.pem":
			if f.key = beside("privkey.pem"); f.key != "" { // these are what it was put together from
				taken[beside("cert.pem")], taken[beside("chain.pem")] = true, true
			}
		case base == "cert.pem" && beside("fullchain.pem") == "":
			if f.key = beside("privkey.pem"); f.key != "" {
				f.chain = beside("chain.pem")
			}
		}
		taken[f.key], taken[f.chain], taken[f.ca] = true, true, true
		files = append(files, f)
	}
	return slices.DeleteFunc(files, func(f input) bool { return taken[f.path] })
}

// open reads as much of a file as tells what it is, and yields the work on it.
func (r *SourceReader) open(f input, yield func(func() Batch) bool) bool {
	if f.key != "" {
		return yield(func() Batch { return r.pair(f) })
	}
	in := r.streams.In
	if f.path != "-" {
		opened, err := os.Open(f.path)
		if errors.Is(err, fs.ErrNotExist) {
			err = cli.WithHint(err, `a SOURCE is a file, a folder, "-", HOST:PORT or secret/NAME`)
		}
		if err != nil {
			return yield(func() Batch { return Unread(f.path, err) })
		}
		defer opened.Close()
		in = opened
	}
	const sniffed = 64 << 10
	buffered := bufio.NewReaderSize(in, sniffed)
	start, err := buffered.Peek(sniffed)
	if err != nil && !errors.Is(err, io.EOF) {
		return yield(func() Batch { return Unread(f.path, fmt.Errorf("read %s: %w", f.path, err)) })
	}
	if render.IsManifest(start) {
		return manifest(f, buffered, yield)
	}
	if f.inFolder && !lint.LooksReadable(start) && err == nil {
		return yield(func() Batch { return Batch{Skipped: 1} }) // base64 of certificates is not that long
	}
	data, err := io.ReadAll(io.LimitReader(buffered, encoding.MaxInput+1))
	if err != nil {
		return yield(func() Batch { return Unread(f.path, fmt.Errorf("read %s: %w", f.path, err)) })
	}
	return yield(func() Batch { return r.material(f, data) })
}

// material reads what is no manifest.
func (r *SourceReader) material(f input, data []byte) Batch {
	read, err := lint.ReadTargets(data, r.password)
	place := report.Place{Source: f.path}
	switch {
	case err != nil && f.inFolder && !lint.LooksReadable(data):
		return Batch{Skipped: 1}
	case f.inFolder && errors.Is(err, encoding.ErrRequest):
		return Batch{Passed: Passed{Requests: 1}}
	case f.inFolder && errors.Is(err, encoding.ErrNoPassword) && bytes.Contains(pki.AsText(data), []byte(pki.PEMBegin)): // nothing but a key
		return Batch{Passed: Passed{Keys: 1}}
	case errors.Is(err, encoding.ErrPassword), errors.Is(err, encoding.ErrNoPassword), errors.Is(err, encoding.ErrSpoilt), errors.Is(err, encoding.ErrRequest), err != nil && len(data) > encoding.MaxInput:
		return Unread(f.path, fmt.Errorf("%s: %w", f.path, err))
	case err != nil && !lint.LooksReadable(data):
		return Unread(f.path, cli.WithHint(fmt.Errorf("%s: %w", f.path, err), "what can be read: a manifest with Secrets, PEM, DER, PKCS#7, PKCS#12, JKS, and base64 of these"))
	case err != nil:
		return Batch{Items: []Item{{Place: place, Findings: []lint.Finding{lint.RuleUnreadable.Found("%v", err)}}}}
	}
	b := Batch{Notes: inUTF16(f.path, data)}
	for _, note := range read.Notes {
		b.Notes = append(b.Notes, f.path+": "+note)
	}
	for _, target := range read.Targets {
		b.Items = append(b.Items, Item{Place: place, Target: target, Findings: read.Findings, Found: f.inFolder})
	}
	return b
}

// pair reads the files of a certificate and of what belongs to it as a server would.
func (r *SourceReader) pair(f input) Batch {
	it := Item{Place: report.Place{Source: f.path}}
	for _, part := range []struct {
		path string
		read func(name string, text []byte) []lint.Finding
	}{
		{f.path, func(name string, text []byte) (found []lint.Finding) {
			it.Target.Chain, found = lint.ReadChain(name, text)
			return found
		}},
		{f.chain, func(name string, text []byte) []lint.Finding {
			issuers, found := lint.ReadChain(name, text)
			it.Target.Chain = append(it.Target.Chain, issuers...)
			return found
		}},
		{f.key, func(name string, text []byte) (found []lint.Finding) {
			it.Target.Key, found = lint.ReadKey(name, text, r.password)
			return found
		}},
		{f.ca, func(name string, text []byte) (found []lint.Finding) {
			it.Target.CA, found = lint.ReadChain(name, text)
			return found
		}},
	} {
		if part.path == "" {
			continue
		}
		text, err := cli.ReadBounded(part.path)
		if err != nil {
			return Unread(f.path, err)
		}
		it.Findings = append(it.Findings, part.read(filepath.Base(part.path), text)...)
	}
	return Batch{Items: []Item{it}}
}

// inUTF16 notes that servers read a PEM file differently from certgen.
func inUTF16(path string, data []byte) []string {
	if pki.InUTF16(data) {
		return []string{path + ": is in UTF-16, as Windows PowerShell's > writes it, which servers do not read; --out writes a file that they do"}
	}
	return nil
}

// manifest yields the work on each document of a manifest.
func manifest(f input, in io.Reader, yield func(func() Batch) bool) bool {
	for doc, err := range render.Documents(in) {
		job := func() Batch { return document(f, doc) }
		if err != nil {
			job = func() Batch { return Unread(f.path, fmt.Errorf("%s: %w", f.path, err)) }
		}
		if !yield(job) {
			return false
		}
	}
	return true
}

// document reads the Secrets in one document.
func document(f input, doc render.Document) Batch {
	found, others, err := doc.Secrets()
	if err != nil {
		return Batch{Items: []Item{{Place: report.Place{Source: f.path}, Findings: []lint.Finding{secrets.RuleManifest.Found("%v", err)}}}}
	}
	b := Batch{Others: others}
	for i := range found {
		items := itemsOf(&found[i], report.Place{Source: f.path, Object: secrets.Ref(found[i])})
		for n := range items {
			items[n].Line = func() int { return doc.LineOf(items[n].Entry) }
		}
		if len(items) == 0 {
			b.Others++
		}
		b.Items = append(b.Items, items...)
	}
	return b
}

// tlsCert is the entry with the certificate of a pair.
const tlsCert = "tls.crt"

// itemsOf is what there is to lint in a Secret.
func itemsOf(secret *render.EncodedSecret, place report.Place) (items []Item) {
	for _, part := range secrets.Parts(*secret) {
		at := place
		at.Object = strings.TrimSpace(at.Object + " " + part.Entry)
		items = append(items, Item{Place: at, Entry: cmp.Or(part.Entry, tlsCert), Target: part.Target, Findings: part.Findings, Secret: secret})
	}
	return items
}
